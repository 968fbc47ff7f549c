/** Everything that is known of one person, address or alias: read from both sides and the state, written nowhere. */
import { domainOf } from '../core/address.ts';
import { anchorFor, findingAdvice } from '../core/finding-advice.ts';
import {
  explainGroup,
  explainPerson,
  HIDDEN,
  secretValuesOf,
  type MappingContext,
} from '../core/explain-entry.ts';
import { resolveMapping, type Mapping } from '../core/mapping.ts';
import { marksOf } from '../core/mark.ts';
import type { DialectName, Finding, Reading } from '../core/model.ts';
import type { EntryFinder, LookedUp } from '../ports.ts';
import type { Facts, KnownFinding } from '../ports-state.ts';
import {
  addressesOf,
  allSeen,
  claimantsOf,
  findEntries,
  nearTo,
  needsLookUp,
  parseQuestion,
  withLookedUp,
  type Found,
  type Question,
  type Seen,
} from './explain-find.ts';
import { conclude } from './explain-conclusion.ts';
import type { ConcernedFinding, EntryReport, Explanation, NextSync, ObjectReport } from './explanation.ts';
import { approveCommand, holdsOf } from './holds.ts';
import { openMemory, type Memory } from './memory.ts';
import { ownerOf } from './owner.ts';
import { prepareSync, type Prepared } from './prepare.ts';
import { refreshAlias, refreshMailbox } from './refresh.ts';
import type { SyncContext } from './settings.ts';

const SHOWN_WRITES = 10;
/** A single read costs mailcow 10 to 20 ms. */
const MOST_READS = 20;

export type ExplainOptions = {
  /** Undefined: the directory is not asked past its filters. */
  readonly finder?: EntryFinder;
  /** What was taken back by hand, of these ids and addresses, in sentences. */
  readonly pins?: (of: {
    readonly ids: readonly string[];
    readonly keys: readonly string[];
  }) => readonly string[];
};

type Attempt<T> = { readonly value?: T; readonly problem?: string };

/** The one side that is down must not keep what the other one says from being told. */
async function attempt<T>(what: string, run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { problem: `${what}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Read once: the plan is made from the same reading as everything else. */
const fixed = (context: SyncContext, reading: Reading): SyncContext => ({
  ...context,
  directory: { ...context.directory, read: () => Promise.resolve(reading) },
});

async function readObjects(
  { mailcow }: SyncContext,
  memory: Memory,
  addresses: readonly string[],
): Promise<void> {
  for (const name of new Set(addresses.map(domainOf))) memory.setDomain(name, await mailcow.readDomain(name));
  for (const address of addresses.slice(0, MOST_READS)) {
    await refreshMailbox(mailcow, memory, address);
    await refreshAlias(mailcow, memory, address);
  }
}

type Known = {
  readonly memory: Memory;
  readonly facts: Facts;
  readonly owner: string;
  readonly mapping: Mapping;
  readonly addresses: readonly string[];
  readonly seen: readonly Seen[];
};

function objectOf(address: string, { memory, owner, mapping, seen }: Known): ObjectReport {
  const { current, ledger } = memory;
  const mailbox = current.mailboxes.get(address);
  const alias = current.aliases.get(address);
  const marks = [
    ...marksOf(mailbox?.tags ?? []).map((mark) => ({ ...mark, resource: 'mailbox' as const })),
    ...marksOf(alias === undefined ? [] : [alias.privateComment]).map((mark) => ({
      ...mark,
      resource: 'alias' as const,
    })),
  ];
  return {
    address,
    ...(mailbox && { mailbox }),
    ...(alias && { alias }),
    ...(current.halfDeleted?.has(address) === true && { halfDeleted: true }),
    managed: [ledger.mailboxes.get(address), ledger.aliases.get(address)].filter((row) => row !== undefined),
    marks: marks.map((mark) => ({ ...mark, ours: mark.owner === owner })),
    claimants: claimantsOf(address, seen, mapping),
  };
}

function entryOf(
  found: Found,
  { mapping, memory }: Known,
  { graceReadings, values }: EntryContext,
): EntryReport {
  const { entry, kind, presence, namedBy, lookedUp } = found;
  // As it was before this reading, which does not count.
  const seen = memory.snapshot.get(entry.id);
  const explain = kind === 'group' ? explainGroup : explainPerson;
  return {
    id: entry.id,
    dn: entry.dn,
    kind,
    namedBy,
    presence,
    ...(lookedUp && { selection: selectionOf(lookedUp) }),
    ...(presence === 'absent' && {
      absence: {
        missing: seen?.missing ?? 0,
        of: graceReadings,
        since: seen?.missingSince ?? null,
      },
    }),
    values: explain(entry, mapping, values),
  };
}

const selectionOf = ({ isInScope, asPerson, asGroup }: LookedUp): NonNullable<EntryReport['selection']> => ({
  isInScope,
  asPerson,
  ...(asGroup && { asGroup }),
});

type EntryContext = {
  readonly graceReadings: number;
  readonly values: MappingContext;
};

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Whether a text names one of the addresses (as a whole) or DNs. */
function namer(addresses: readonly string[], dns: readonly string[]): (text: string) => boolean {
  const patterns = addresses.map(
    (address) => new RegExp(`(?<![\\w.+-])${escaped(address)}(?![\\w-]|\\.\\w)`, 'i'),
  );
  return (text) => dns.some((dn) => text.includes(dn)) || patterns.some((pattern) => pattern.test(text));
}

/** Findings about the directory, mailcow or the logins as a whole name neither an address nor an entry. */
const isGeneral = ({ code, subject }: Finding): boolean =>
  code === 'reading-incomplete' || !/[@=]/.test(subject);

function sortOut(
  findings: readonly ConcernedFinding[],
  { names, domains }: { readonly names: (text: string) => boolean; readonly domains: ReadonlySet<string> },
): Pick<Explanation, 'findings' | 'generalFindings'> {
  const concerns = ({ subject, message }: Finding): boolean =>
    names(subject) || names(message) || domains.has(subject);
  const own = findings.filter(concerns);
  return { findings: own, generalFindings: findings.filter((one) => !own.includes(one) && isGeneral(one)) };
}

/** What only a sync finds out, because a plan writes nothing and tries nothing. */
const foundByWriting = new Set([
  'refused-by-mailcow',
  'login-files',
  'logins-refused',
  'identity-provider-unreachable',
]);

/** Those of the plan, and of the last sync those that no plan finds. */
function allFindings(
  planned: readonly Finding[] | undefined,
  stored: readonly KnownFinding[],
): readonly ConcernedFinding[] {
  const sinceOf = new Map(stored.map(({ code, subject, since }) => [`${code}\n${subject}`, since]));
  const codes = new Set((planned ?? []).map(({ code }) => code));
  const late = stored.filter(
    ({ code }) => planned === undefined || (foundByWriting.has(code) && !codes.has(code)),
  );
  const findings = [...(planned ?? []), ...late.map(({ since: _since, ...finding }) => finding)];
  return findings.map((finding) => ({
    ...finding,
    since: sinceOf.get(`${finding.code}\n${finding.subject}`) ?? null,
    advice: findingAdvice[finding.code] ?? '',
    anchor: anchorFor(finding.code),
  }));
}

/** Findings quote what an attribute holds: mapped to a password, that would be the password. Case is not ours to trust. */
function withoutSecrets(report: Explanation, secrets: readonly string[]): Explanation {
  const known = secrets.filter((secret) => secret.trim() !== '').map(escaped);
  if (known.length === 0) return report;
  const pattern = new RegExp(known.join('|'), 'gi');
  const clean = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.replace(pattern, HIDDEN) : value;
  return JSON.parse(JSON.stringify(report), clean) as Explanation;
}

type Concern = {
  readonly ids: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly names: (text: string) => boolean;
};

function nextSyncOf({ plan }: Prepared, { ids, addresses, domains, names }: Concern): NextSync {
  const isNamed = (goto: readonly string[] = []): boolean => goto.some((target) => addresses.has(target));
  const concerns = ({ resource, key, directoryId, before, after }: NextSync['changes'][number]): boolean =>
    ids.has(directoryId) ||
    addresses.has(key) ||
    addresses.has(after.address ?? '') ||
    (resource === 'domain' && domains.has(key)) ||
    isNamed(before.goto) !== isNamed(after.goto);
  const kept = <T extends { readonly change: NextSync['changes'][number] }>(
    items: readonly T[],
  ): readonly T[] => items.filter(({ change }) => concerns(change));
  const holds = holdsOf(plan.held);
  const held = kept(plan.held);
  return {
    changes: plan.changes.filter(concerns),
    held,
    approve: held.length === 0 || holds === undefined ? null : approveCommand(holds),
    forbidden: kept(plan.forbidden),
    skips: plan.skips.filter(({ key, reason }) => addresses.has(key) || names(reason)),
  };
}

type Sides = {
  readonly question: Question;
  readonly found: readonly Found[];
  readonly prepared: Prepared | undefined;
  readonly problems: readonly string[];
} & Pick<ExplainOptions, 'pins'>;

const defined = <T>(items: readonly (T | undefined)[]): readonly T[] =>
  items.filter((item) => item !== undefined);

/** Which dialect the mapping is of: as the directory said, else as any. */
const dialectFrom = (reading: Reading | undefined, looked: DialectName | undefined): DialectName =>
  reading?.dialect ?? looked ?? 'openldap';

/** Addresses that the ledger knows of ids that are meant directly: former ones, lists, what was left behind. */
function managedAddresses(found: readonly Found[], { ledger }: Memory): readonly string[] {
  const ids = new Set(
    found
      .filter(({ namedBy }) => namedBy.some((name) => name !== 'further address'))
      .map(({ entry }) => entry.id),
  );
  return [...ledger.mailboxes.values(), ...ledger.aliases.values()]
    .filter(({ directoryId }) => ids.has(directoryId))
    .map(({ key }) => key);
}

function assemble(context: SyncContext, known: Known, sides: Sides): Explanation {
  const { state, settings } = context;
  const { question, found, prepared, problems, pins } = sides;
  const { addresses, mapping, seen } = known;
  const objects = addresses.map((address) => objectOf(address, known));
  const managedIds = objects.flatMap(({ managed }) => managed.map(({ directoryId }) => directoryId));
  const ids = [...new Set([...found.map(({ entry }) => entry.id), ...managedIds])];
  const domains = new Set(addresses.map(domainOf));
  const names = namer(
    addresses,
    found.map(({ entry }) => entry.dn),
  );
  const concern = { ids: new Set(ids), addresses: new Set(addresses), domains, names };
  const entryContext = {
    graceReadings: settings.graceReadings,
    values: {
      newQuotaMiB: settings.plan.newQuotaMiB,
      ...(settings.passwordAttribute !== undefined && { passwordAttribute: settings.passwordAttribute }),
    },
  };
  const writes = state.lastWrites({ ids, keys: addresses, count: SHOWN_WRITES });
  const facts = {
    entries: found.map((one) => entryOf(one, known, entryContext)),
    objects,
    writes,
    pins: pins?.({ ids, keys: addresses }) ?? [],
    nextSync: prepared === undefined ? null : nextSyncOf(prepared, concern),
    ...sortOut(allFindings(prepared?.plan.findings, state.findings()), concern),
  };
  const isThere = objects.some(
    ({ mailbox, alias, halfDeleted, managed }) =>
      mailbox !== undefined || alias !== undefined || halfDeleted === true || managed.length > 0,
  );
  const isKnown = found.length + writes.length + facts.findings.length > 0 || isThere;
  const report = {
    query: question.text,
    known: isKnown,
    conclusion: conclude({ ...facts, question, known: isKnown, settings }),
    nearest: found.length === 0 ? nearTo(question, seen, mapping) : [],
    ...facts,
    problems,
  };
  const secrets = found.flatMap(({ entry }) => secretValuesOf(entry, entryContext.values));
  return withoutSecrets(report, secrets);
}

/**
 * Reads the directory once, single objects of mailcow, and the state, and says all that is known of what `text` names.
 * What cannot be read is in `problems`; throws only what the state file throws.
 */
export async function explainSubject(
  context: SyncContext,
  text: string,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { state, settings } = context;
  const question = parseQuestion(text);
  const facts = state.facts();
  const memory = openMemory(state.remembered());
  const owner = ownerOf(settings, facts);
  const read = await attempt('the directory could not be read', () => context.directory.read());
  const seen = allSeen(read.value, memory.snapshot);
  const asSeen = resolveMapping(settings.mapping, dialectFrom(read.value, undefined));
  const named = findEntries(question, seen, asSeen);
  const { finder } = options;
  const looked =
    finder === undefined || read.value === undefined || !needsLookUp(named)
      ? {}
      : await attempt('the directory could not be asked past its filters', () =>
          finder({ ...(question.dn !== undefined && { dn: question.dn }), text: question.text }),
        );
  const found = withLookedUp(named, looked.value?.found ?? [], seen);
  const mapping = resolveMapping(settings.mapping, dialectFrom(read.value, looked.value?.dialect));
  const addresses = [
    ...new Set([...addressesOf(question, found, mapping), ...managedAddresses(found, memory)]),
  ];
  const { value: reading } = read;
  const asked = await attempt('mailcow could not be read', async () => {
    await readObjects(context, memory, addresses);
    if (reading === undefined) return undefined;
    // Before the first audit there is no mirror that could stand for mailcow's lists.
    const audit = facts.lastAuditAt === undefined;
    const now = context.now();
    return prepareSync(fixed(context, reading), { memory, facts, owner, now, audit, isPlan: true });
  });
  const problems = defined([
    read.problem,
    looked.problem,
    asked.problem,
    ...(asked.value?.judgement.problems ?? []),
  ]);
  const known = { memory, facts, owner, mapping, addresses, seen };
  const { pins } = options;
  const sides = { question, found, prepared: asked.value, problems, ...(pins && { pins }) };
  return assemble(context, known, sides);
}
