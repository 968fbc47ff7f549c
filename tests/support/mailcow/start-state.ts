/** A state to start from, written as the bodies of add calls. */
import type { Entry, Write } from './context.ts';
import { strandedEntry } from './context.ts';
import { asPhpValue, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Store } from './store.ts';
import { addAlias } from './alias-add.ts';
import { addDomain } from './domain-add.ts';
import { addFilter } from './filter.ts';
import { addMailbox } from './mailbox-add.ts';

export type StartState = {
  readonly domains?: readonly JsonObject[];
  readonly mailboxes?: readonly JsonObject[];
  readonly aliases?: readonly JsonObject[];
  readonly filters?: readonly JsonObject[];
};

/** Two domains with room for everything. */
export const roomyState: StartState = { domains: ['example.test', 'other.test'].map(roomyDomain) };

/** The add body of a domain with room for 100,000 mailboxes and aliases, up to 1 TiB each. */
export function roomyDomain(domain: string): JsonObject {
  const limits = { mailboxes: 100_000, aliases: 100_000 };
  return { domain, ...limits, defquota: 3_072, maxquota: 1_048_576, quota: 1_048_576_000, key_size: 0 };
}

/** Adds everything in order; throws a sentence naming the first body that mailcow would refuse. */
export function loadStartState(store: Store, state: StartState): void {
  const parts: readonly (readonly [string, Write, readonly JsonObject[] | undefined])[] = [
    ['domains', addDomain, state.domains],
    ['mailboxes', addMailbox, state.mailboxes],
    ['aliases', addAlias, state.aliases],
    ['filters', addFilter, state.filters],
  ];
  for (const [name, write, bodies] of parts) {
    for (const [index, body] of (bodies ?? []).entries()) {
      const problem = add(store, write, body);
      if (problem !== undefined) throw new Error(refusal({ name, index, body, problem }));
    }
  }
}

function add(store: Store, write: Write, body: JsonObject): string | undefined {
  const sent = asPhpValue(body);
  if (!isObject(sent)) return 'it is no object with fields';
  const entries: Entry[] = [];
  try {
    write({ store, entries }, { attr: sent, sent, items: [], object: '', extra: '' });
  } catch (error) {
    const stranded = strandedEntry(error);
    if (!stranded) throw error;
    return `an empty reply (${JSON.stringify(stranded.msg)})`;
  }
  const bad = entries.find((entry) => entry.type !== 'success');
  if (bad) return typeof bad.msg === 'string' ? bad.msg : JSON.stringify(bad.msg);
  return entries.length === 0 ? 'nothing would be created' : undefined;
}

type Refusal = {
  readonly name: string;
  readonly index: number;
  readonly body: JsonObject;
  readonly problem: string;
};

function refusal({ name, index, body, problem }: Refusal): string {
  const shown: Json = { ...body, ...(body['password'] !== undefined && { password: '*', password2: '*' }) };
  return `start state: mailcow would refuse ${name}[${index}] ${JSON.stringify(shown)}: ${problem}`;
}
