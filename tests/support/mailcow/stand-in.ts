/**
 * A mailcow 2026-07a that lives in memory: the same HTTP API, the same words and quirks, no mail. Whether it
 * tells the truth is checked against recordings of the real program (tests/mailcow-stand-in).
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Fault } from './faults.ts';
import { createFaults } from './faults.ts';
import { halfDelete } from './half-deleted.ts';
import type { JsonObject } from './json.ts';
import { serve } from './server.ts';
import type { World, WriteRecord } from './server.ts';
import { createSessions } from './sessions.ts';
import { loadStartState, roomyState } from './start-state.ts';
import type { StartState } from './start-state.ts';
import { createStats } from './stats.ts';
import type { Stats } from './stats.ts';
import { createStore, snapshotOf } from './store.ts';
import type { Snapshot, Store } from './store.ts';
import { createTimers } from './timers.ts';

export type MailcowOptions = {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** How long each call takes before it is carried out. */
  readonly latencyMs?: number;
  /** The same, of each call that writes, on top of that. */
  readonly writeLatencyMs?: number;
  readonly apiKey?: string;
  readonly readOnlyKey?: string;
  readonly state?: StartState;
  readonly now?: () => Date;
  /** Default `2026-07a`; before `2025-03` there is no identity provider. */
  readonly version?: string;
  /** Whether it reaches and binds to the directory of these settings, for the test of the provider. Default: yes. */
  readonly canBind?: (settings: JsonObject) => boolean;
};

export type MailcowStandIn = {
  readonly url: string;
  readonly apiKey: string;
  readonly readOnlyKey: string;
  readonly store: {
    readonly snapshot: () => Snapshot;
    /** Leaves a mailbox as a deletion that died of a deadlock leaves it. */
    readonly halfDelete: (address: string) => void;
    /** The tables themselves, to read and to prepare what no call can. */
    readonly tables: Store;
  };
  readonly writes: readonly WriteRecord[];
  readonly stats: () => Stats;
  readonly resetStats: () => void;
  readonly fault: (fault: Fault) => void;
  readonly clearFaults: () => void;
  readonly close: () => Promise<void>;
};

const defaultKey = 'AAAAAA-BBBBBB-CCCCCC-DDDDDD-RW0001';
const defaultReadOnlyKey = 'AAAAAA-BBBBBB-CCCCCC-DDDDDD-RO0001';

/** Starts a stand-in on 127.0.0.1; throws when the start state holds something that mailcow would refuse. */
export async function startMailcow(options: MailcowOptions = {}): Promise<MailcowStandIn> {
  const world = createWorld(options);
  loadStartState(world.api.store, options.state ?? roomyState);
  const server = createServer((request, response) => void serve(world, { request, response }));
  // As nginx: a client's idle connection is not closed under its hands.
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, options.port ?? 0);
  const { api, faults, stats, timers, writes } = world;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: api.apiKey,
    readOnlyKey: api.readOnlyKey,
    store: {
      snapshot: () => snapshotOf(api.store),
      halfDelete: (address) => {
        halfDelete(api.store, address);
      },
      tables: api.store,
    },
    writes,
    stats: stats.read,
    resetStats: stats.reset,
    fault: faults.set,
    clearFaults: faults.clear,
    close: () => {
      timers.hurry();
      return close(server);
    },
  };
}

function createWorld(options: MailcowOptions): World {
  const now = options.now ?? ((): Date => new Date());
  const api: World['api'] = {
    store: createStore({
      now,
      hostname: 'mail.mailcow.test',
      ...(options.version !== undefined && { version: options.version }),
      ...(options.canBind && { canBind: options.canBind }),
    }),
    sessions: createSessions(),
    apiKey: options.apiKey ?? defaultKey,
    readOnlyKey: options.readOnlyKey ?? defaultReadOnlyKey,
    apiLog: [],
  };
  const tools = { faults: createFaults(), stats: createStats(), timers: createTimers() };
  const { latencyMs = 0, writeLatencyMs = 0 } = options;
  return { api, ...tools, writes: [], latencyMs, writeLatencyMs, now };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
