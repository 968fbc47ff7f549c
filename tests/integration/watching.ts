/** Those who watch the daemon: a webhook, a heartbeat, and whoever asks it by HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../support/slapd-process.ts';
import type { EnvSettings } from '../sandbox/env-file.ts';

export type Payload = {
  readonly event: string;
  readonly message: string;
  readonly failures: number;
  readonly holds: readonly {
    readonly id: string;
    readonly kind: string;
    readonly count: number;
    readonly of?: number;
    readonly command: string;
  }[];
};

export type Watcher = {
  /** To be added to those of the daemon. */
  readonly settings: EnvSettings;
  /** What the webhook has got so far. */
  readonly told: Payload[];
  /** All that was sent, as text. */
  readonly sent: () => string;
  readonly beats: () => number;
  /** Until `false` is given, the webhook refuses. */
  readonly refuse: (refuses: boolean) => void;
  readonly ask: (
    path: string,
    init?: RequestInit,
  ) => Promise<{ readonly status: number; readonly text: string }>;
  /** The value of a metric as it is written there. */
  readonly metric: (name: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};

/** In the URLs of webhook and heartbeat, and for `POST /sync`. */
export const tokens = {
  notify: 'W3BH00K-T0KEN-Aa11',
  heartbeat: 'H3ARTBEAT-T0KEN-Bb22',
  http: 'P05T-5YNC-T0KEN-Cc33',
};

/** Listens on 127.0.0.1, for the webhook on one port, and leaves the daemon another one. */
export async function openWatcher(): Promise<Watcher> {
  const told: Payload[] = [];
  const bodies: string[] = [];
  let beats = 0;
  let refuses = false;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      if (request.url === `/beat/${tokens.heartbeat}`) beats += 1;
      if (request.url === `/hook?token=${tokens.notify}` && !refuses) {
        bodies.push(body);
        told.push(JSON.parse(body) as Payload);
      }
      response.writeHead(refuses ? 503 : 200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const port = await freePort();
  const ask: Watcher['ask'] = async (path, init) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  return {
    settings: {
      HTTP_LISTEN: `127.0.0.1:${port}`,
      HTTP_TOKEN: tokens.http,
      NOTIFY_URL: `${hook}/hook?token=${tokens.notify}`,
      HEARTBEAT_URL: `${hook}/beat/${tokens.heartbeat}`,
    },
    told,
    sent: () => bodies.join('\n'),
    beats: () => beats,
    refuse: (wanted) => {
      refuses = wanted;
    },
    ask,
    metric: async (name) => {
      const { text } = await ask('/metrics');
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return line?.slice(name.length + 1);
    },
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}
