import { boolean } from '../kinds.ts';
import { attribute, attributeList, disabledRule, loginName, nameRules } from '../kinds-ldap.ts';
import { optional, withDefault } from '../setting.ts';

/** Which attribute means what. */
export const mappingSettings = {
  mail: withDefault({
    name: 'MAIL_ATTRIBUTE',
    kind: attribute,
    line: 'The attribute with the address of a person or group.',
    value: 'mail',
  }),
  name: optional({
    name: 'NAME_ATTRIBUTE',
    kind: nameRules,
    line: 'The attribute with the displayed name; `givenName+sn` joins two, a comma separates alternatives.',
    unset: '`displayName`, else `givenName+sn`, else `cn`',
    example: 'displayName',
    detail:
      'The alternatives are tried in order; a joined one counts only when all of its attributes are there. After those named here the default ones are tried, and last the local part of the address.',
  }),
  quota: optional({
    name: 'QUOTA_ATTRIBUTE',
    kind: attribute,
    line: 'The attribute with the quota of the mailbox in MiB.',
    unset: 'no quota from the directory',
    example: 'mailQuota',
  }),
  active: optional({
    name: 'ACTIVE_ATTRIBUTE',
    kind: attribute,
    line: 'A boolean attribute that says whether the person is active (`TRUE`, `1`, `yes`).',
    unset: 'only the disabled rule decides',
    example: 'mailActive',
  }),
  tlsEnforceIn: optional({
    name: 'TLS_ENFORCE_IN_ATTRIBUTE',
    kind: attribute,
    line: 'A boolean attribute: accept mail for the mailbox only over TLS.',
    unset: "mailcow's flag is left alone",
    example: 'mailTlsIn',
  }),
  tlsEnforceOut: optional({
    name: 'TLS_ENFORCE_OUT_ATTRIBUTE',
    kind: attribute,
    line: 'A boolean attribute: send mail of the mailbox only over TLS.',
    unset: "mailcow's flag is left alone",
    example: 'mailTlsOut',
  }),
  tlsEnforceInAlways: optional({
    name: 'TLS_ENFORCE_IN',
    kind: boolean,
    line: 'Accept mail only over TLS, for every mailbox whose entry says nothing about it.',
    unset: "mailcow's flag is left alone",
    example: 'true',
  }),
  tlsEnforceOutAlways: optional({
    name: 'TLS_ENFORCE_OUT',
    kind: boolean,
    line: 'Send mail only over TLS, for every mailbox whose entry says nothing about it.',
    unset: "mailcow's flag is left alone",
    example: 'true',
  }),
  aliases: optional({
    name: 'ALIASES_ATTRIBUTE',
    kind: attributeList,
    line: 'The attributes with further addresses, separated by commas.',
    unset: 'those of the dialect',
    example: 'proxyAddresses',
    detail:
      'Of values with a prefix (`smtp:`, `x500:`, …) only those with `smtp:`, in any case, are addresses; a value without a prefix counts as one.',
  }),
  groupPolicy: optional({
    name: 'GROUP_POLICY_ATTRIBUTE',
    kind: attribute,
    line: 'The attribute of a group with words of GROUP_POLICY, like `internal+send-as`; it counts before the patterns.',
    unset: 'only GROUP_POLICY decides',
    example: 'businessCategory',
  }),
  login: optional({
    name: 'LOGIN_ATTRIBUTE',
    kind: loginName,
    line: 'What people type to log in: an attribute, or `sAMAccountName=%n` to compare with the part before the `@` alone.',
    unset: 'the address is the login name',
    example: 'sAMAccountName',
    detail: 'For AUTH=templates; mailcow itself (AUTH=identity-provider) always asks for the address.',
  }),
  disabled: optional({
    name: 'DISABLED_RULE',
    kind: disabledRule,
    line: 'How a disabled person is told: `auto`, `userAccountControl`, `nsAccountLock`, `pwdAccountLockedTime`, `none`, or `ATTRIBUTE=VALUE[,VALUE…]`.',
    unset: '`auto`: the rule of the dialect',
    example: 'employeeStatus=left,suspended',
    detail:
      '`userAccountControl`: bit 2 is set. `nsAccountLock`: it is true. `pwdAccountLockedTime`: it is `000001010000Z`; a lock that ends by itself does not count. `ATTRIBUTE=VALUE`: the attribute has one of the values, in any case.',
  }),
} as const;
