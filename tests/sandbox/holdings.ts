/** What mailcow holds, in the form of tests/fixtures/ldif/*.expected.json, read past the program's own eyes. */
import type { Snapshot } from '../support/mailcow/store.ts';

export type MailboxHeld = { readonly name: string; readonly quotaMiB: number; readonly active: number };
export type FilterHeld = { readonly redirects: readonly string[] };
export type AliasHeld = { readonly goto: readonly string[]; readonly active: number };

export type Holdings = {
  readonly mailboxes: Readonly<Record<string, MailboxHeld>>;
  readonly aliases: Readonly<Record<string, AliasHeld>>;
  /** Active prefilters, by mailbox; none where they are not named. */
  readonly filters?: Readonly<Record<string, FilterHeld>>;
};

const BYTES_PER_MIB = 1024 * 1024;

/** A script that does anything else than to redirect and to throw away leads nowhere. */
function redirectsOf({ scriptData }: Snapshot['filters'][number]): readonly string[] {
  const commands = scriptData.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const redirects = commands.slice(0, -2).map((line) => /^redirect "([^"]+)";$/.exec(line)?.[1]);
  const ends = commands.slice(-2).join(' ') === 'discard; stop;';
  return ends && !redirects.includes(undefined) ? redirects.filter((one) => one !== undefined).sort() : [];
}

/** Mailboxes, aliases and filters of the stand-in by address. */
export function holdingsOf({ mailboxes, aliases, filters }: Omit<Snapshot, 'domains'>): Holdings {
  const active = filters.filter((one) => one.active === 1 && one.filterType === 'prefilter');
  return {
    mailboxes: Object.fromEntries(
      mailboxes.map(({ username, name, quota, active }) => [
        username,
        { name, quotaMiB: quota / BYTES_PER_MIB, active },
      ]),
    ),
    aliases: Object.fromEntries(
      aliases.map(({ address, goto, active }) => [address, { goto: goto.split(',').sort(), active }]),
    ),
    ...(active.length > 0 && {
      filters: Object.fromEntries(
        active.map((filter) => [filter.username, { redirects: redirectsOf(filter) }]),
      ),
    }),
  };
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function differencesOf(
  kind: string,
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return keys
    .map((key) => ({ key, wanted: sorted(expected[key]), held: sorted(found[key]) }))
    .filter(({ wanted, held }) => wanted !== held)
    .map(({ key, wanted, held }) => `${kind} ${key}: expected ${wanted}, mailcow holds ${held}`);
}

const sorted = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? text(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))))
    : text(value);

/** One sentence for each mailbox, alias and filter that is not as expected. */
export function compareHoldings(expected: Holdings, found: Holdings): readonly string[] {
  return [
    ...differencesOf('mailbox', expected.mailboxes, found.mailboxes),
    ...differencesOf('alias', expected.aliases, found.aliases),
    ...differencesOf('filter', expected.filters ?? {}, found.filters ?? {}),
  ];
}
