/** mailcow's dockerapi with the containers that logins concern; a test says what becomes of its calls. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificates } from './certificates.ts';

export type FakeDockerapi = { readonly url: string; readonly close: () => Promise<void> };

const services = ['dovecot-mailcow', 'sogo-mailcow', 'memcached-mailcow'];
const idOf = (service: string): string => Buffer.from(service.padEnd(32, '.')).toString('hex');

const containers = Object.fromEntries(
  services.map((service) => [
    idOf(service),
    {
      Config: {
        Labels: {
          'com.docker.compose.service': service,
          'com.docker.compose.project': 'mailcowdockerized',
        },
      },
    },
  ]),
);

/** Starts it on loopback; `onRestart` is told of each reload and restart and may fail. */
export async function startFakeDockerapi(
  onRestart: (service: string) => Promise<void>,
): Promise<FakeDockerapi> {
  const certificates = makeCertificates();
  const { cert, key } = certificates.selfSigned;
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const answer = (body: unknown): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    request.resume();
    const service = services.find((one) => request.url?.includes(idOf(one)) === true);
    if (service === undefined) {
      answer(containers);
      return;
    }
    onRestart(service).then(
      () => {
        answer({ type: 'success', msg: 'command completed successfully' });
      },
      (error: unknown) => {
        answer({ type: 'danger', msg: String(error) });
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      certificates.remove();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
