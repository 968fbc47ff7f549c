/**
 * mailcow's identity provider. Replies echo the bind password in clear (recordings 11/013, 11/014): nothing of them
 * but mailcow's words leaves this file, and the password only inside the provider itself.
 */
import { z } from 'zod';
import type { IdentityProvider, LdapProvider } from '../core/identity-provider.ts';
import type { Mailcow, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { MailcowRefused } from './errors.ts';
import { parseObject } from './parse.ts';
import type { Route } from './route.ts';
import { judgeNote } from './verdict.ts';
import { parseReport } from './words.ts';
import { sender } from './write.ts';

type Provider = Pick<Mailcow, 'readIdentityProvider' | 'testIdentityProvider' | 'editIdentityProvider'>;

/** The port's calls about the identity provider. */
export function providerOf(client: Client): Provider {
  return {
    readIdentityProvider: () => readProvider(client),
    testIdentityProvider: (provider) => testProvider(client, provider),
    editIdentityProvider: (provider) =>
      sender(client)({
        route: { name: 'edit/identity-provider' },
        body: { items: ['identity-provider'], attr: fieldsOf(provider) },
        expected: { word: 'object_modified' },
      }),
  };
}

/** The same flag comes as true, "1", 1, or false, "", "0", or not at all. */
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .nullish()
  .transform((value) => value !== undefined && value !== null && !['', '0', 0, false].includes(value));
const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .transform((value) => value ?? '');

/** A gap in the list makes mailcow store an object, which breaks logins just as a missing one does. */
function mappersOf(mappers: unknown, templates: unknown): LdapProvider['mappers'] {
  if (!Array.isArray(mappers) || !Array.isArray(templates)) return mappers ? 'some' : 'missing';
  return mappers.length + templates.length === 0 ? 'none' : 'some';
}

const ldapSchema = z
  .object({
    host: text,
    port: text,
    use_ssl: flag,
    use_tls: flag,
    // The key that mailcow fills by itself is another one, ignore_ssl_errors, and says always false.
    ignore_ssl_error: flag,
    basedn: text,
    binddn: text,
    bindpass: text,
    username_field: text,
    filter: text,
    attribute_field: text,
    mappers: z.unknown().optional(),
    templates: z.unknown().optional(),
    default_template: text,
    periodic_sync: flag,
    import_users: flag,
    login_provisioning: flag,
  })
  .transform((row): LdapProvider => ({
    hosts: row.host
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
    port: Number(row.port),
    ssl: row.use_ssl,
    startTls: row.use_tls,
    ignoreSslError: row.ignore_ssl_error,
    baseDn: row.basedn,
    bindDn: row.binddn,
    bindPassword: row.bindpass,
    usernameField: row.username_field.toLowerCase(),
    filter: row.filter,
    attributeField: row.attribute_field.toLowerCase(),
    mappers: mappersOf(row.mappers, row.templates),
    periodicSync: row.periodic_sync,
    importUsers: row.import_users,
    loginProvisioning: row.login_provisioning,
    defaultTemplate: row.default_template,
  }));

const typeSchema = z.object({ authsource: z.string().nullish() });

async function readProvider(client: Client): Promise<IdentityProvider | undefined | 'no-route'> {
  const route: Route = { name: 'get/identity-provider' };
  const json = await client.readJson(route).catch((error: unknown) => {
    if (error instanceof MailcowRefused && error.status === 404 && error.said === 'route not found')
      return undefined;
    throw error;
  });
  if (json === undefined) return 'no-route';
  const type = parseObject(route, { schema: typeSchema, json }).authsource ?? '';
  if (type === '') return undefined;
  if (type !== 'ldap') return { kind: 'other', type };
  return { kind: 'ldap', ldap: parseObject(route, { schema: ldapSchema, json }) };
}

/** As mailcow reads them: "1" and "0" mean the same in each of its versions. */
function fieldsOf(provider: LdapProvider): Readonly<Record<string, unknown>> {
  const sign = (on: boolean): string => (on ? '1' : '0');
  return {
    authsource: 'ldap',
    host: provider.hosts.join(','),
    port: String(provider.port),
    use_ssl: sign(provider.ssl),
    use_tls: sign(provider.startTls),
    ignore_ssl_error: sign(provider.ignoreSslError),
    basedn: provider.baseDn,
    binddn: provider.bindDn,
    bindpass: provider.bindPassword,
    username_field: provider.usernameField,
    filter: provider.filter,
    attribute_field: provider.attributeField,
    default_template: provider.defaultTemplate,
    // Sent always: where they were never saved, every login dies (facts/auth.md section 3).
    mappers: [],
    templates: [],
    periodic_sync: sign(provider.periodicSync),
    import_users: sign(provider.importUsers),
    sync_interval: '15',
    login_provisioning: sign(provider.loginProvisioning),
  };
}

/** mailcow connects and binds, and says no more than yes or no (recordings 11/007 to 11/009). */
async function testProvider(client: Client, provider: LdapProvider): Promise<WriteResult> {
  const route: Route = { name: 'edit/identity-provider-test' };
  const reply = await client.write(route, { items: ['identity-provider'], attr: fieldsOf(provider) });
  if (reply.kind !== 'text') return reply;
  const report = parseReport(reply.text);
  if (report.kind !== 'note') return { kind: 'unclear', why: 'the reply says neither yes nor no' };
  if (report.type === 'success' && report.text === 'Task completed') return { kind: 'done' };
  if (report.type === 'error' && report.text === 'Cannot edit item') {
    return { kind: 'refused', words: [{ word: 'Cannot edit item', args: [] }] };
  }
  return judgeNote(report);
}
