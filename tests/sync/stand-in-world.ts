/** The world of builders-sync on the real adapter and the stand-in of mailcow. */
import { openMailcow } from '../../src/mailcow/mailcow.ts';
import type { MailcowWithJobs } from '../../src/ports-mailcow.ts';
import { openWorld, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { startMailcow, type MailcowOptions, type MailcowStandIn } from '../support/mailcow/stand-in.ts';

export type StandInWorld = SyncWorld & {
  readonly server: MailcowStandIn;
  /** `<route> <address or ids>` of every write since the last call. */
  readonly writes: () => readonly string[];
  /** A call of an administrator's, past our program. */
  readonly byHand: (route: string, body: unknown) => Promise<void>;
  /** What mailcow holds at an address. */
  readonly box: (address: string) => { readonly active: number; readonly name: string } | undefined;
};

const subjectOf = (body: unknown): string => {
  if (Array.isArray(body)) return body.join(',');
  if (typeof body !== 'object' || body === null) return '';
  const { local_part: local, address, items } = body as Record<string, unknown>;
  if (typeof local === 'string') return local;
  if (typeof address === 'string') return address;
  return Array.isArray(items) ? items.join(',') : '';
};

/** Runs with a stand-in that is closed afterwards. */
export async function withStandIn(
  settings: SettingsPatch,
  run: (world: StandInWorld) => Promise<void>,
  options: MailcowOptions = {},
): Promise<void> {
  const server = await startMailcow(options);
  const mailcow: MailcowWithJobs & { close(): void } = openMailcow({
    baseUrl: server.url,
    apiKey: server.apiKey,
    delay: () => Promise.resolve(),
  });
  const world = openWorld<MailcowWithJobs>(mailcow, { settings });
  let seen = 0;
  const writes = (): readonly string[] => {
    const fresh = server.writes.slice(seen).map(({ route, body }) => `${route} ${subjectOf(body)}`);
    seen = server.writes.length;
    return fresh;
  };
  const box = (address: string): { readonly active: number; readonly name: string } | undefined => {
    const found = server.store.snapshot().mailboxes.find((row) => row.username === address);
    return found && { active: found.active, name: found.name };
  };
  const byHand = async (route: string, body: unknown): Promise<void> => {
    const reply = await fetch(`${server.url}/api/v1/${route}`, {
      method: 'POST',
      headers: { 'X-API-Key': server.apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    if (!text.includes('"success"')) throw new Error(`${route}: ${text}`);
    writes();
  };
  try {
    await run(Object.assign(world, { server, writes, byHand, box }));
  } finally {
    world.state.close();
    mailcow.close();
    await server.close();
  }
}
