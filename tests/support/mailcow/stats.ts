/** Counts what was asked of the stand-in, for tests about how often a sync calls mailcow. */
import type { Call } from './call.ts';

export type Stats = {
  /** add, edit and delete calls, whatever became of them. */
  readonly writes: number;
  /** Reads of a whole collection, searches included. */
  readonly lists: number;
  /** Reads of one object. */
  readonly objects: number;
  readonly calls: Readonly<Record<string, number>>;
};

export type StatsCounter = {
  readonly count: (call: Call) => void;
  readonly read: () => Stats;
  readonly reset: () => void;
};

const placeholders: Readonly<Record<string, string>> = {
  mailbox: '{address}',
  alias: '{id}',
  domain: '{domain}',
  filters: '{address}',
  syncjobs: '{address}',
  'app-passwd': '{address}',
  'alias-domain': '{domain}',
  resource: '{address}',
  'rl-domain': '{domain}',
  'rl-mbox': '{address}',
  'last-login': '{address}',
};

const literals = ['', 'all', 'reduced', 'template', 'tag', 'custom-attribute'];

/** True for add, edit and delete. */
export function isWrite(call: Call): boolean {
  return ['add', 'edit', 'delete'].includes(call.action);
}

/** `GET get/mailbox/{address}`: method and route with objects replaced. */
function keyOf(call: Call): string {
  const placeholder = placeholders[call.category];
  const object = placeholder === undefined || literals.includes(call.object) ? call.object : placeholder;
  const parts = [call.action, call.category, object, extraOf(call)].filter((part) => part !== '');
  return `${call.method} ${parts.join('/')}`;
}

function extraOf(call: Call): string {
  if (call.extra === '' || call.object === 'template' || call.category === 'syncjobs') return call.extra;
  if (call.category === 'logs' || call.category === 'last-login') return '{n}';
  if (call.category === 'app-passwd') return '{address}';
  if (call.object === 'tag') return call.category === 'domain' ? '{domain}' : '{address}';
  return '{domains}';
}

type Kind = 'write' | 'list' | 'object' | 'other';

function kindOf(call: Call): Kind {
  if (isWrite(call)) return 'write';
  if (call.action === 'search') return 'list';
  if (call.action !== 'get' || !(call.category in placeholders)) return 'other';
  if (call.object === 'template' || call.category === 'last-login') return 'other';
  if (call.category === 'app-passwd') return 'object';
  return call.object === 'all' || call.object === 'reduced' || call.tags ? 'list' : 'object';
}

/** Creates a counter at zero. */
export function createStats(): StatsCounter {
  const calls = new Map<string, number>();
  const kinds = new Map<Kind, number>();
  const bump = <Key>(counts: Map<Key, number>, key: Key): void =>
    void counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    count: (call) => {
      bump(calls, keyOf(call));
      bump(kinds, kindOf(call));
    },
    read: () => ({
      writes: kinds.get('write') ?? 0,
      lists: kinds.get('list') ?? 0,
      objects: kinds.get('object') ?? 0,
      calls: Object.fromEntries(calls),
    }),
    reset: () => {
      calls.clear();
      kinds.clear();
    },
  };
}
