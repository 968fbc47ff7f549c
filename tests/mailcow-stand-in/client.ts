/** The shortest way to call a stand-in from a test. */
import type { Json } from '../support/mailcow/json.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';

/** A write with the read-write key; gives the text of the reply. */
export async function post(mailcow: MailcowStandIn, route: string, body: Json): Promise<string> {
  const headers = { 'X-API-Key': mailcow.apiKey, 'Content-Type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${mailcow.url}/api/v1/${route}`, init);
  return response.text();
}

/** A read with the read-only key; gives the parsed reply. */
export async function get(mailcow: MailcowStandIn, route: string): Promise<Json> {
  const headers = { 'X-API-Key': mailcow.readOnlyKey };
  const response = await fetch(`${mailcow.url}/api/v1/${route}`, { headers });
  return (await response.json()) as Json;
}

/** The add body of a mailbox with a password that is hashed already. */
export function newMailbox(address: string, more: Readonly<Record<string, Json>> = {}): Record<string, Json> {
  const [local_part = '', domain = ''] = address.split('@');
  const password = `{SSHA512}${'x'.repeat(96)}`;
  return { local_part, domain, name: local_part, password, password2: password, quota: 1, ...more };
}
