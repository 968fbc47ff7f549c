/** Everything that says that something is ours, given up: marks and ledger, never the objects (docs/uninstall.md). */
import { stages, sortForDisplay, type Change, type Fields, type Stage } from './change.ts';
import type { CurrentState } from './current.ts';
import { DOMAIN_ID } from './domain-settings.ts';
import type { Ledger } from './ledger.ts';
import { ADOPTED_TAG, commentWithoutMark, markOfTags, marksOf, parseMark } from './mark.ts';

export type ReleaseInput = {
  readonly current: CurrentState;
  readonly ledger: Ledger;
  readonly owner: string;
  /** Only these addresses and domains; undefined: all. */
  readonly only?: ReadonlySet<string>;
  /** Options of a sync job without the mark; undefined: no jobs of ours can be told. */
  readonly withoutMark?: (customParams: string) => string;
};

const REASON = 'given up: from now on it is nobody’s but mailcow’s';

type What = Pick<Change, 'resource' | 'key' | 'directoryId'>;

const release = (what: What, stage: Stage, after: Fields = {}): Change => ({
  ...what,
  kind: 'release',
  before: {},
  after,
  reason: REASON,
  needs: [],
  stage,
});

/** What the ledger names and mailcow does not have any more is only forgotten. */
function mailboxes({ current, ledger, owner }: ReleaseInput): readonly Change[] {
  const keys = new Set(ledger.mailboxes.keys());
  for (const { address, tags } of current.mailboxes.values()) {
    if (markOfTags(tags, owner)?.owner === owner) keys.add(address);
  }
  return [...keys].map((key) => {
    const tags = current.mailboxes.get(key)?.tags ?? [];
    const directoryId = ledger.mailboxes.get(key)?.directoryId ?? markOfTags(tags, owner)?.directoryId ?? '';
    return release({ resource: 'mailbox', key, directoryId }, stages.mailbox);
  });
}

function aliases({ current, ledger, owner }: ReleaseInput): readonly Change[] {
  const keys = new Set(ledger.aliases.keys());
  for (const { address, privateComment } of current.aliases.values()) {
    if (parseMark(privateComment)?.owner === owner) keys.add(address);
  }
  return [...keys].map((key) => {
    const alias = current.aliases.get(key);
    const mark = alias && parseMark(alias.privateComment);
    const directoryId = ledger.aliases.get(key)?.directoryId ?? mark?.directoryId ?? '';
    // The ledger may still name what is another owner's by now.
    const isOurs = alias !== undefined && mark?.owner === owner;
    const comment = isOurs ? { comment: commentWithoutMark(alias.privateComment) } : {};
    return release({ resource: 'alias', key, directoryId }, stages.alias, comment);
  });
}

/** mailcow ignores an empty description; what a person wrote beside the mark stays. */
function domains({ current, owner }: ReleaseInput): readonly Change[] {
  const ours = [...current.domains.values()].filter(
    ({ description }) => parseMark(description)?.owner === owner,
  );
  return ours.map(({ name, description }) => {
    const rest = commentWithoutMark(description);
    const what = { resource: 'domain', key: name, directoryId: DOMAIN_ID } as const;
    return release(what, stages.deleteDomain, { description: rest === '' ? name : rest });
  });
}

/** A filter goes on leading to whom it leads; mailcow takes no empty description. */
function filters({ current, ledger }: ReleaseInput): readonly Change[] {
  const ours = [...(current.filters?.values() ?? [])].filter(({ id }) => id !== undefined);
  return ours.map(({ address: key }) => {
    const directoryId = ledger.mailboxes.get(key)?.directoryId ?? '';
    return release({ resource: 'filter', key, directoryId }, stages.freeAddress, { description: 'list' });
  });
}

function syncJobs({ current, ledger, withoutMark }: ReleaseInput): readonly Change[] {
  if (withoutMark === undefined) return [];
  return [...(current.syncJobs?.values() ?? [])].flatMap(({ mailbox: key, own }) => {
    if (own === undefined) return [];
    const directoryId = ledger.mailboxes.get(key)?.directoryId ?? '';
    const options = withoutMark(own.customParams);
    return [release({ resource: 'syncjob', key, directoryId }, stages.freeAddress, { options })];
  });
}

/** One change for each object that bears our mark, or that the ledger names; sorted. Pure. */
export function planRelease(input: ReleaseInput): readonly Change[] {
  const all = [mailboxes, aliases, domains, filters, syncJobs].flatMap((part) => part(input));
  const { only } = input;
  return sortForDisplay(only === undefined ? all : all.filter(({ key }) => only.has(key)));
}

/** The tags of a mailbox that a release takes away; "adopted" may be that of another owner. */
export function ourTags(tags: readonly string[], owner: string): readonly string[] {
  const isShared = marksOf(tags).some((mark) => mark.owner !== owner);
  return tags.filter((tag) => parseMark(tag)?.owner === owner || (tag === ADOPTED_TAG && !isShared));
}
