/**
 * What an older tool left: which addresses it managed, and what it had done to them. Nothing of it is identity
 * (docs/decisions/013-what-an-older-tool-left.md).
 */
import { stages, type Change, type Resource } from './change.ts';
import { isActive } from './current.ts';
import { markOfTags, parseMark } from './mark.ts';
import { handsOff, isProtected, mailboxChange, type Notes, type PlanInput } from './plan-context.ts';
import { aliasChange } from './plan-alias-context.ts';

export type HeritageEntry = {
  readonly resource: Resource;
  readonly key: string;
  /** Stands for whomever it belonged to; no directory has such an id. */
  readonly id: string;
  /** Whether the tool left it working. */
  readonly active: boolean;
  /** Where the tool led an alias. */
  readonly goto?: readonly string[];
  /** The DN that the tool knew; for sentences only. */
  readonly dn?: string;
};

export type Heritage = {
  readonly mailboxes: ReadonlyMap<string, HeritageEntry>;
  readonly aliases: ReadonlyMap<string, HeritageEntry>;
};

const PREFIX = 'imported:';

/** The id of something that only an older tool's file speaks for; `digest` tells one from another. */
export function importedId(digest: string): string {
  return `${PREFIX}${digest}`;
}

/** Whether an id stands for somebody whom only an older tool's file knew. */
export function isImportedId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** What is off, and was switched off by the older tool: ours to switch on again. */
export function switchedOff(
  entry: HeritageEntry | undefined,
  object: { readonly active: number },
): Pick<Change, 'switchedOff'> {
  return entry?.active === false && !isActive(object.active) ? { switchedOff: true } : {};
}

type Part = { readonly input: PlanInput; readonly notes: Notes };

const whose = ({ dn }: HeritageEntry): string => (dn === undefined ? '' : `, for ${dn}`);

const isPlanned = (resource: Resource, key: string, { changes }: Notes): boolean =>
  changes.some(
    (change) => change.resource === resource && (change.key === key || change.after.address === key),
  );

function planMailbox(entry: HeritageEntry, { input, notes }: Part): void {
  const { key, id } = entry;
  const mailbox = input.current.mailboxes.get(key);
  if (mailbox === undefined || !isActive(mailbox.active) || input.ledger.mailboxes.has(key)) return;
  if (markOfTags(mailbox.tags, input.settings.owner) !== undefined || handsOff(mailbox, input) !== undefined)
    return;
  if (isPlanned('mailbox', key, notes)) return;
  const reason = `the older tool managed it${whose(entry)}, and nobody in the directory has the address: it is marked, and grace begins`;
  notes.changes.push(mailboxChange({ kind: 'adopt', key, directoryId: id, reason, stage: stages.mailbox }));
}

function planAlias(entry: HeritageEntry, { input, notes }: Part): void {
  const { key, id } = entry;
  const alias = input.current.aliases.get(key);
  if (alias === undefined || !isActive(alias.active) || input.ledger.aliases.has(key)) return;
  if (parseMark(alias.privateComment) !== undefined || isProtected(key, input.settings)) return;
  if (isPlanned('alias', key, notes)) return;
  const reason = `the older tool made it, and nobody in the directory has the address: it is marked, and grace begins`;
  notes.changes.push(aliasChange({ kind: 'adopt', key, directoryId: id }, { reason, stage: stages.alias }));
}

/**
 * What the older tool left working and no entry claims: who left between its last sync and our first. It is adopted,
 * so that it has a grace as everybody else; taking it away needs an approval.
 */
export function planUnclaimed(input: PlanInput, notes: Notes): void {
  const { heritage, desired, settings } = input;
  if (heritage === undefined || input.complete !== true || !settings.adopt) return;
  const people = new Set([...desired.mailboxes.values()].map(({ address }) => address));
  const isClaimed = (key: string): boolean => people.has(key) || desired.contested.has(key);
  const rows = (entries: ReadonlyMap<string, HeritageEntry>): readonly HeritageEntry[] =>
    [...entries.values()].filter(({ active, key }) => active && !isClaimed(key));
  if (settings.syncMailboxes || settings.disableDeleted) {
    for (const entry of rows(heritage.mailboxes)) planMailbox(entry, { input, notes });
  }
  if (!settings.syncAliases) return;
  for (const entry of rows(heritage.aliases)) {
    if (!desired.aliases.has(entry.key) && !desired.lists.has(entry.key)) planAlias(entry, { input, notes });
  }
}
