/** An adapter on a scripted server, closed after the test. */
import { afterEach } from '@jest/globals';
import { openMailcow } from '../../src/mailcow/mailcow.ts';
import type { MailcowOptions } from '../../src/mailcow/options.ts';
import { startScripted } from './scripted.ts';
import type { Answer, Asked, Scripted } from './scripted.ts';

export const apiKey = 'SECRET-API-KEY-0815';

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((close) => close()));
});

export type Opened = { readonly mailcow: ReturnType<typeof openMailcow>; readonly server: Scripted };

/** Opens both; `answer` may be one answer for everything. */
export async function openOn(
  answer: Answer | ((asked: Asked, before: number) => Answer),
  options: Partial<MailcowOptions> = {},
): Promise<Opened> {
  const server = await startScripted(typeof answer === 'function' ? answer : () => answer);
  return { mailcow: openAt(server.baseUrl, options), server: closing(server) };
}

/** Opens the adapter alone, without waits between retries. */
export function openAt(
  baseUrl: string,
  options: Partial<MailcowOptions> = {},
): ReturnType<typeof openMailcow> {
  const mailcow = openMailcow({ baseUrl, apiKey, delay: () => Promise.resolve(), ...options });
  toClose.push(() => {
    mailcow.close();
  });
  return mailcow;
}

/** Closes the server after the test. */
export function closing(server: Scripted): Scripted {
  toClose.push(server.close);
  return server;
}

/** The error of a promise that must fail. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}
