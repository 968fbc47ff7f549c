import { boolean, oneOf, wholeNumber } from '../kinds.ts';
import { optional, withDefault } from '../setting.ts';

/** Mail domains of the directory. */
export const domainSettings = {
  manage: withDefault({
    name: 'MANAGE_DOMAINS',
    kind: boolean,
    line: 'Create the mail domains of the directory that mailcow lacks, and keep those large enough.',
    value: false,
    detail:
      'Every domain of an own address counts, of people and of lists: a wrong address like `somebody@gmail.com` would make your server think that it is gmail.com. A domain that was there before is never touched.',
  }),
  unmanaged: withDefault({
    name: 'UNMANAGED_DOMAINS',
    kind: oneOf('sync', 'skip'),
    line: 'Whether entries whose domain is in mailcow and was not made here are synced or left alone.',
    value: 'sync',
    detail: 'Of no effect without MANAGE_DOMAINS.',
  }),
  policy: withDefault({
    name: 'DOMAIN_POLICY',
    kind: oneOf('shared', 'exclusive'),
    line: 'Whether mailboxes and aliases of managed domains that the directory does not know stay (`shared`) or go (`exclusive`).',
    value: 'shared',
    detail:
      'What goes is deactivated after the same grace as a leaver; LDAP_MAILCOW_DELETE_AFTER_DAYS and LDAP_MAILCOW_ALIASES_OF_LEAVERS say whether more is done. PROTECTED addresses, postmaster@, abuse@, catch-alls, what these lead to and what has the tag `ldap-keep` stay. Aliases stay where SYNC_GROUPS is off. Of no effect without MANAGE_DOMAINS.',
  }),
  quotaMiB: optional({
    name: 'DOMAIN_QUOTA',
    kind: wholeNumber({ unit: 'MiB', min: 1 }),
    line: 'MiB for all mailboxes of a managed domain together, and the most for one of them.',
    unset: 'what the mailboxes sum up to and a quarter more, at least 10240',
    example: '102400',
  }),
  defaultMailboxQuotaMiB: withDefault({
    name: 'DOMAIN_DEFAULT_MAILBOX_QUOTA',
    kind: wholeNumber({ unit: 'MiB', min: 1 }),
    line: 'The default quota of mailboxes in a managed domain, in MiB.',
    value: 1024,
  }),
  mailboxes: withDefault({
    name: 'DOMAIN_MAILBOXES',
    kind: wholeNumber({ unit: 'mailboxes', min: 1 }),
    line: 'How many mailboxes a managed domain may have.',
    value: 10_000,
  }),
  aliases: withDefault({
    name: 'DOMAIN_ALIASES',
    kind: wholeNumber({ unit: 'aliases', min: 1 }),
    line: 'How many aliases a managed domain may have.',
    value: 10_000,
  }),
  gal: withDefault({
    name: 'DOMAIN_GAL',
    kind: boolean,
    line: 'Let people of a managed domain find each other in the global address list.',
    value: true,
  }),
} as const;
