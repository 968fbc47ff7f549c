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
const runId = (shown: string): string => /\[run ([0-9a-f]+)\]/.exec(shown)?.[1] ?? 'none';

export const story: readonly Move[] = [
  { run: ['plan'], name: 'plan', lines: 8 },
  { run: ['sync'], name: 'sync', lines: 6 },
  { run: ['status'], name: 'status' },
  { run: ['findings'], name: 'findings', lines: 16 },
  { run: ['explain', 'fritz.fremd@elsewhere.invalid'], name: 'explain-no-mailbox' },
  { run: ['explain', 'hugo.ivers@example.test'], name: 'explain-person' },
  { run: ['explain', 'build@example.test'], name: 'explain-alias', lines: 14 },
  { edit: modify('cn=Anna Berger,ou=Management', 'replace: displayName\ndisplayName: Anna Berger-Klein') },
  { run: ['sync'], name: 'change' },
  { run: (shown) => ['undo', runId(shown)], name: 'undo' },
  { run: ['pins'], name: 'pins' },
  { run: ['sync'], name: 'pinned' },
  { run: ['unpin', 'anna.berger@example.test'], name: 'unpin' },
  { run: ['sync'], name: 'unpinned' },
  { edit: leave(developers) },
  { run: ['sync'], name: 'held', lines: 5 },
  { run: ['status'], name: 'status-held' },
  { run: ['plan'] },
  { run: (shown) => ['approve', holdId(shown)], name: 'approve' },
  { run: ['sync'], name: 'approved', lines: 6 },
  { run: ['explain', 'karla.lang@example.test'], name: 'explain-left' },
  { run: ['healthcheck'], name: 'healthcheck' },
  { run: ['adopt', '--dry-run'], name: 'adopt' },
  { run: ['release', '--all', '--dry-run'], name: 'release', lines: 12 },
];
