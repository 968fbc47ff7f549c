/** One writer that does nothing else: what mailcow's latency alone allows on this machine, now. */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

export type Api = { readonly url: string; readonly apiKey: string };

const WRITES = 200;

const body = JSON.stringify({ items: ['nobody@bench.test'], attr: { active: '1' } });

function writeOnce({ url, apiKey }: Api, agent: Agent): Promise<void> {
  return new Promise((done, failed) => {
    const headers = { 'X-API-Key': apiKey, 'Content-Type': 'application/json' };
    const call = request(`${url}/api/v1/edit/mailbox`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', done);
    });
    call.once('error', failed).end(body);
  });
}

/** Milliseconds that a write takes when one follows the other at once; they change nothing. */
export async function timeWriter(api: Api): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const from = performance.now();
  for (let write = 0; write < WRITES; write++) await writeOnce(api, agent);
  const ms = (performance.now() - from) / WRITES;
  agent.destroy();
  return ms;
}
