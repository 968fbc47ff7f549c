/** What happens on the page docs/operations.md, on the sample company. */
import type { EnvSettings } from '../env-file.ts';
import type { Move } from './play.ts';

const base = 'dc=example,dc=test';

export const storySettings: EnvSettings = { OWNER: 'example', GRACE_READINGS: '1' };

const modify = (dn: string, change: string): string =>
  `dn: ${dn},${base}\nchangetype: modify\n${change}\n-\n`;

const leave = (names: readonly string[]): string =>
  names.map((name) => `dn: cn=${name},ou=Development,${base}\nchangetype: delete\n`).join('\n');

const developers = [
  'Karla Lang',
  'Lars Müller',
  'Mia Nowak',
  'Nils Otto',
  'Rosa Roth',
  'Sven Seidel',
  'Tina Thoma',
];

const holdId = (shown: string): string => /ldap-mailcow approve ([0-9a-f]+)/.exec(shown)?.[1] ?? 'none';

export const story: readonly Move[] = [
  { run: ['plan'], name: 'plan', lines: 24 },
  { run: ['sync'], name: 'sync' },
  { edit: modify('cn=Anna Berger,ou=Management', 'replace: displayName\ndisplayName: Anna Berger-Klein') },
  { run: ['sync'] },
  { edit: leave(developers) },
  { run: ['sync'], name: 'held' },
  { run: (shown) => ['approve', holdId(shown)], name: 'approve' },
  { run: ['sync'], name: 'approved' },
];
