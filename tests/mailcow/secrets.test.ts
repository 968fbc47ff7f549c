import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { MailcowMalformed, MailcowRefused, MailcowUnreachable } from '../../src/mailcow/errors.ts';
import type { MailcowOptions } from '../../src/mailcow/options.ts';
import type { NewMailbox } from '../../src/ports-mailcow.ts';
import { apiKey, failure, openAt, openOn } from './opened.ts';
import type { Answer } from './scripted.ts';

const anna: NewMailbox = { address: 'anna@x.test', name: 'Anna', quotaMiB: 1, active: 1, tags: [] };

/** Everything that a logger could find in an error and in what caused it. */
function everything(error: unknown): string {
  const own =
    error instanceof Error
      ? JSON.stringify(error, [...Object.getOwnPropertyNames(error), 'cause', 'config', 'headers'])
      : '';
  const cause = error instanceof Error && error.cause !== undefined ? everything(error.cause) : '';
  return [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), own, cause].join('\n');
}

const echo = `{"type":"error","secret":"ECHOED-SECRET","log":["ECHOED-SECRET"]}`;
const answers: readonly (readonly [string, Answer, Partial<MailcowOptions>])[] = [
  ['a cut connection', 'drop', {}],
  ['half an answer', 'half', {}],
  ['no answer', 'hang', { readTimeoutMs: 30, writeTimeoutMs: 30 }],
  ['a 500 page', { status: 500, text: '<html>ECHOED-SECRET</html>' }, {}],
  ['a 401', { status: 401, json: { type: 'error', msg: 'authentication failed' } }, {}],
  ['a 403 page', { status: 403, text: '<html>ECHOED-SECRET</html>' }, {}],
  ['a 404 page', { status: 404, text: '<html>ECHOED-SECRET</html>' }, {}],
  ['a redirect', { status: 302, headers: { Location: 'https://u:ECHOED-SECRET@x.test/ECHOED-SECRET' } }, {}],
  ['an HTML page', { text: '<html>ECHOED-SECRET</html>' }, {}],
  ['an unknown object', { text: echo }, {}],
  ['a list of unknown rows', { text: `[${echo}]` }, {}],
  ['an empty reply', { text: '' }, {}],
];

describe('no secret shows', () => {
  test.each(answers)('in what comes of %s', async (_name, answer, options) => {
    const { mailcow, server } = await openOn(answer, options);
    const read = await failure(mailcow.listMailboxes());
    const written: unknown = await mailcow.createMailbox(anna).catch((error: unknown) => error);
    expect([MailcowMalformed, MailcowRefused, MailcowUnreachable]).toContain(read.constructor);
    const password = /\{SSHA512\}[^"]+/.exec(server.asked.at(-1)?.body ?? '')?.[0];
    expect(password).toBeDefined();
    for (const outcome of [read, written]) {
      const text = everything(outcome);
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain('ECHOED-SECRET');
      expect(text).not.toContain(password);
      expect(text).not.toContain('SSHA512');
    }
  });

  test('when no connection can be made, and in a base URL with a password', async () => {
    const { server } = await openOn({ json: {} });
    await server.close();
    const mailcow = openAt(server.baseUrl.replace('//', '//user:ECHOED-SECRET@'));
    for (const call of [() => mailcow.listAliases(), () => mailcow.createMailbox(anna)]) {
      const text = everything(await failure(call()));
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain('ECHOED-SECRET');
      expect(text).not.toContain('SSHA512');
    }
  });

  test('when the key is one that no header can carry', async () => {
    const { server } = await openOn({ json: {} });
    const mailcow = openAt(server.baseUrl, { apiKey: `${apiKey}\nü€` });
    const outcome: unknown = await mailcow.listAliases().catch((error: unknown) => error);
    expect(everything(outcome)).not.toContain(apiKey);
  });
});
