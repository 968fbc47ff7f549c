/** mailcow's dockerapi as its source answers (facts/auth.md section 4). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { openDockerapi } from '../../src/mailcow/dockerapi.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';

const id = (digit: string): string => digit.repeat(64);
const secret = 'DBPASS=s3cret-of-the-database';

const container = (service: string, project = 'mailcowdockerized') => ({
  Config: {
    Env: [secret],
    Labels: { 'com.docker.compose.service': service, 'com.docker.compose.project': project },
  },
});

let certificates: Certificates;
let server: Server;
let calls: string[] = [];
let replies: Readonly<Record<string, unknown>> = {};
let containers: unknown;

beforeAll(async () => {
  certificates = makeCertificates();
  const { cert, key } = certificates.selfSigned;
  server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      calls.push(`${request.method ?? ''} ${path} ${body}`.trim());
      const answer =
        path === '/containers/json' ? containers : (replies[path] ?? { type: 'success', msg: 'ok' });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  certificates.remove();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  calls = [];
  replies = {};
  containers = {
    [id('a')]: container('dovecot-mailcow'),
    [id('b')]: container('sogo-mailcow'),
    [id('c')]: container('memcached-mailcow'),
    [id('d')]: container('dovecot-mailcow', 'another-mailcow'),
    [id('e')]: { Config: { Labels: null } },
  };
});

const open = (project = 'mailcowdockerized') => {
  const { port } = server.address() as AddressInfo;
  return openDockerapi({ baseUrl: `https://127.0.0.1:${port}`, project });
};

test('Dovecot is reloaded, SOGo and memcached are restarted, each of this mailcow', async () => {
  expect(await open().restart(['dovecot', 'sogo', 'memcached'])).toEqual([
    { service: 'dovecot' },
    { service: 'sogo' },
    { service: 'memcached' },
  ]);
  expect(calls).toEqual([
    'GET /containers/json',
    `POST /containers/${id('a')}/exec {"cmd":"reload","task":"dovecot"}`,
    `POST /containers/${id('b')}/restart {}`,
    `POST /containers/${id('c')}/restart {}`,
  ]);
});

test('nothing to restart asks nobody', async () => {
  expect(await open().restart([])).toEqual([]);
  expect(calls).toEqual([]);
});

test('the container of another project is not touched', async () => {
  const [result] = await open('third').restart(['dovecot']);
  expect(result?.problem).toContain('LDAP_MAILCOW_COMPOSE_PROJECT');
  expect(calls).toEqual(['GET /containers/json']);
});

test('200 proves nothing: the type is the verdict', async () => {
  replies = { [`/containers/${id('a')}/exec`]: { type: 'danger', msg: 'command failed: rc 89' } };
  expect(await open().restart(['dovecot', 'sogo'])).toEqual([
    { service: 'dovecot', problem: 'dockerapi could not reload dovecot-mailcow' },
    { service: 'sogo' },
  ]);
});

test.each([[''], [[]], [{ error: secret }], [{ '../x': container('dovecot-mailcow') }]])(
  'an answer like %j is no list of containers, and nothing of it is repeated',
  async (answer) => {
    containers = answer;
    const results = await open().restart(['dovecot']);
    expect(results[0]?.problem).toContain('knows no container');
    expect(JSON.stringify(results)).not.toContain('s3cret');
    expect(calls).toHaveLength(1);
  },
);

test('a dockerapi that is not there is told for each service', async () => {
  const results = await openDockerapi({ baseUrl: 'https://127.0.0.1:1', project: 'x' }).restart([
    'dovecot',
    'sogo',
  ]);
  expect(results.map(({ problem }) => problem?.slice(0, 28))).toEqual([
    'dockerapi cannot be reached ',
    'dockerapi cannot be reached ',
  ]);
});
