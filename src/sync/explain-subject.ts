/** Everything that is known of one person, address or alias: read from both sides and the state, written nowhere. */
import { whyPinned } from '../core/pins.ts';
import { domainOf } from '../core/address.ts';
import { secretValuesOf } from '../core/explain-entry.ts';
import { resolveMapping } from '../core/mapping.ts';
import type { DialectName, Reading } from '../core/model.ts';
import type { EntryFinder } from '../ports.ts';
import { allFindings, namer, nextSyncOf, sortOut } from './explain-concern.ts';
import { conclude } from './explain-conclusion.ts';
import {
  addressesOf,
  allSeen,
  findEntries,
  nearTo,
  needsLookUp,
  parseQuestion,
  withLookedUp,
  type Found,
  type Question,
} from './explain-find.ts';
import { entryOf, objectOf, withoutSecrets, type Known } from './explain-reports.ts';
import type { Explanation } from './explanation.ts';
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

type Sides = {
  readonly question: Question;
  readonly found: readonly Found[];
  readonly prepared: Prepared | undefined;
  readonly problems: readonly string[];
};

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

/** What was taken back by hand, in sentences. */
function pinsOf(
  { state }: SyncContext,
  { ids, keys }: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): readonly string[] {
  return state
    .pins()
    .filter(({ key, directoryId }) => keys.includes(key) || ids.includes(directoryId))
    .map((pin) => `${pin.resource} ${pin.key}: ${whyPinned(pin)}`);
}

function assemble(context: SyncContext, known: Known, sides: Sides): Explanation {
  const { state, settings } = context;
  const { question, found, prepared, problems } = sides;
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
    pins: pinsOf(context, { ids, keys: addresses }),
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
  const known = { memory, owner, mapping, addresses, seen };
  const sides = { question, found, prepared: asked.value, problems };
  return assemble(context, known, sides);
}
