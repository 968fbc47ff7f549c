/** Mailbox templates: people name them, mailcow wants their id and silently takes the default for a wrong one. */
import type { Client } from './client.ts';
import { parseObject, parseRows } from './parse.ts';
import type { Route } from './route.ts';
import { templateSchema } from './schema.ts';

type Template = { readonly id: number; readonly name: string; readonly tags: readonly string[] };

/** Finds a mailbox template by its exact name. The list is read anew when it is older than a minute. */
export type FindTemplate = (name: string) => Promise<Template | undefined>;

const freshMs = 60_000;

/** A finder that spares a thousand creations a thousand lists. Throws MailcowError. */
export function templateFinder(client: Client): FindTemplate {
  const memory: { templates: readonly Template[]; readAt: number } = { templates: [], readAt: -Infinity };
  return async (name) => {
    if (performance.now() - memory.readAt > freshMs) {
      memory.templates = await listTemplates(client);
      memory.readAt = performance.now();
    }
    return memory.templates.find((template) => template.name === name);
  };
}

async function listTemplates(client: Client): Promise<readonly Template[]> {
  const route: Route = { name: 'get/mailbox/template/all' };
  const rows = parseRows(route, await client.readJson(route));
  return rows.map((json, index) => parseObject(route, { schema: templateSchema, json, index }));
}
