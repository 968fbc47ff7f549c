import { boolean, oneOf } from '../kinds.ts';
import { groupPolicies } from '../kinds-groups.ts';
import { addressList, ownerName } from '../kinds-mail.ts';
import { profiles } from '../profiles.ts';
import { optional, withComputedDefault, withDefault } from '../setting.ts';
import { mailcowSettings } from './mailcow.ts';

const mailboxes = withComputedDefault({
  name: 'SYNC_MAILBOXES',
  kind: boolean,
  line: 'Create and update the mailboxes of people.',
  starter: 'true',
  text: '`true` exactly when API_QUOTA is set',
  compute: (known) =>
    known.read(mailcowSettings.newMailboxQuotaMiB) === undefined
      ? { value: false, because: 'API_QUOTA is not set' }
      : { value: true, because: 'API_QUOTA is set' },
  detail:
    'One predecessor of this program syncs aliases only and has no API_QUOTA. Whoever comes from it and changes nothing but the image must not get mailboxes by surprise. To have mailboxes with the default quota of their domain, set this to `true` and leave API_QUOTA away.',
});

const disableDeletedUsers = withComputedDefault({
  name: 'DISABLE_DELETED_USERS',
  kind: boolean,
  line: 'Deactivate the mailboxes and aliases of people who have left the directory.',
  text: '`true` when mailboxes are synced, else `false`',
  compute: (known) =>
    known.read(mailboxes) === true
      ? { value: true, because: 'mailboxes are synced' }
      : { value: false, because: 'mailboxes are not synced' },
});

/** What is synced, and how far it goes. */
export const syncSettings = {
  profile: optional({
    name: 'PROFILE',
    kind: oneOf(...profiles.map(({ name }) => name)),
    line: 'Rules for a whole kind of installation: `linuxmuster` for schools.',
    unset: 'none',
    example: 'linuxmuster',
    detail:
      'It decides the filters of people and lists, name, quota, the disabled rule and what lists are; what is set for one of these has no effect, and one warning says so. It has other defaults for domains, aliases and leavers. [schools.md](schools.md) lists them all.',
  }),
  mailboxes,
  aliases: withDefault({
    name: 'SYNC_ALIASES',
    kind: boolean,
    line: 'Create, update and remove the aliases of people.',
    value: true,
  }),
  groups: withDefault({
    name: 'SYNC_GROUPS',
    kind: boolean,
    line: 'Turn groups with an address into lists of their members.',
    value: true,
  }),
  externalMembers: withDefault({
    name: 'GROUP_EXTERNAL_MEMBERS',
    kind: boolean,
    line: 'Let every entry of the directory with an address be a member of a list, like contacts outside of LDAP_FILTER.',
    value: false,
    detail: 'Of no effect together with LDAP_GROUP_MEMBER_FILTER, which decides alone.',
  }),
  groupPolicies: withDefault({
    name: 'GROUP_POLICY',
    kind: groupPolicies,
    line: 'What lists are, as `PATTERN=WORD` separated by commas: `list`, `internal`, `send-as`, `mailbox` or `ignore`.',
    value: [],
    example: 'staff-*=internal, test-*=ignore, office@example.org=list+send-as',
    detail:
      'A pattern is compared with the address of the list, or with its local part when it has no `@`; `*` stands for any characters; the first that matches counts. `list`: anybody may write to it (the default). `internal`: only senders of this mail system may. `send-as`: its members may send with its address. `mailbox`: it is made as a mailbox of 1 MiB with a sieve filter that leads to its members (up to 100 of them). `ignore`: it is no list, though its members count where it is nested in one. Words are joined by `+`, but for `mailbox` and `ignore`.',
  }),
  disableDeletedUsers,
  leaversAliases: withDefault({
    name: 'ALIASES_OF_LEAVERS',
    kind: oneOf('follow', 'remove'),
    line: 'What becomes of the aliases of who has left, and of the lists of groups that are gone: `follow` the mailbox, or `remove`.',
    value: 'follow',
    detail:
      'An alias holds no mail, and comes again with its owner. With `remove` it goes whatever DISABLE_DELETED_USERS says, after the same grace.',
  }),
  deactivated: withDefault({
    name: 'DEACTIVATED',
    kind: oneOf('off', 'receive'),
    line: 'What a deactivated mailbox still does: `off` nothing, `receive` takes mail but refuses the login.',
    value: 'off',
    detail: 'With `receive` the aliases of the person and the places in lists stay too.',
  }),
  adopt: withDefault({
    name: 'ADOPT',
    kind: boolean,
    line: 'Take mailboxes and aliases that exist already and fit a person into management.',
    value: true,
    detail: 'Adopting records and marks an object and changes nothing else.',
  }),
  protected: withDefault({
    name: 'PROTECTED',
    kind: addressList,
    line: 'Addresses that are never touched, separated by commas; `postmaster@` and `abuse@` of every domain always are.',
    value: [],
    example: 'admin@example.org, backup@example.org',
    detail: 'An object with the tag `ldap-keep` in mailcow is left alone as well.',
  }),
  policy: withDefault({
    name: 'POLICY',
    kind: oneOf('sync', 'upsert-only', 'create-only', 'observe'),
    line: 'How far a sync may go: `sync` everything, `upsert-only` removes and deactivates nothing, `create-only` only creates, `observe` writes nothing.',
    value: 'sync',
    detail:
      'What it does not let through is counted in the last line of each sync, listed in the log whenever it changes, and always listed by `plan`.',
  }),
  drift: withDefault({
    name: 'DRIFT',
    kind: oneOf('repair', 'report'),
    line: 'What happens to what was changed in mailcow although the directory did not change: `repair` puts it right, `report` only says so.',
    value: 'repair',
    detail:
      'Either way a mailbox or alias that somebody deactivated in mailcow stays deactivated, and a quota set there stays for as long as the directory gives none.',
  }),
  owner: optional({
    name: 'OWNER',
    kind: ownerName,
    line: 'The name in the marks that tell whose an object in mailcow is, when several of these programs share one mailcow.',
    unset: 'a digest of the base DN, made at the first start and kept in the database',
    example: 'school',
    detail:
      'Set it before the first start. Setting, changing or unsetting it later makes strangers of all objects that bear the former name, until it is back: the finding `owner-changed` names both. The default is kept all the while.',
  }),
} as const;
