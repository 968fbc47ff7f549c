/** The writes of the port that concern aliases. */
import type { AliasEdit, AliasResult, Mailcow, NewAliases, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { judgeAddedAliases, judgeRemovedAliases } from './verdict-aliases.ts';
import { refusedHere, sender } from './write.ts';

type AliasWrites = Pick<Mailcow, 'createAliases' | 'editAlias' | 'removeAliases'>;

/** The port's writes on aliases. Existing ones are named by id only: an address may hit another alias. */
export function aliasWrites(client: Client): AliasWrites {
  return {
    createAliases: (aliases) => createAliases(client, aliases),
    editAlias: (id, edit) => editAlias(client, id, edit),
    removeAliases: async (ids) => {
      if (ids.length === 0) return [];
      const reply = await client.write({ name: 'delete/alias' }, ids);
      return reply.kind === 'text' ? judgeRemovedAliases(reply.text, ids) : ids.map(() => reply);
    },
  };
}

async function createAliases(client: Client, aliases: NewAliases): Promise<readonly AliasResult[]> {
  const problem = gotoProblem(aliases.goto);
  if (problem !== undefined) return aliases.addresses.map(() => problem);
  const sent = aliases.addresses.filter((address) => !separators.test(address));
  const results = sent.length === 0 ? [] : await addAliases(client, { ...aliases, addresses: sent });
  const byAddress = new Map(sent.map((address, index) => [address, results[index]]));
  return aliases.addresses.map((address) => byAddress.get(address) ?? refusedHere('alias_invalid', address));
}

async function addAliases(client: Client, aliases: NewAliases): Promise<readonly AliasResult[]> {
  // Every flag is sent: mailcow takes an omitted one for 0, and would create the alias inactive.
  const body = {
    address: aliases.addresses.join(','),
    goto: aliases.goto.join(','),
    active: aliases.active,
    internal: Number(aliases.internal),
    sogo_visible: Number(aliases.sogoVisible),
    sender_allowed: Number(aliases.senderAllowed),
    private_comment: aliases.privateComment,
  };
  const reply = await client.write({ name: 'add/alias' }, body);
  return reply.kind === 'text'
    ? judgeAddedAliases(reply.text, aliases.addresses)
    : aliases.addresses.map(() => reply);
}

async function editAlias(client: Client, id: number, edit: AliasEdit): Promise<WriteResult> {
  const problem = edit.goto === undefined ? undefined : gotoProblem(edit.goto);
  if (problem !== undefined) return problem;
  const attr = {
    ...(edit.goto === undefined ? {} : { goto: edit.goto.join(',') }),
    ...(edit.active === undefined ? {} : { active: edit.active }),
    ...(edit.privateComment === undefined ? {} : { private_comment: edit.privateComment }),
    ...(edit.senderAllowed === undefined ? {} : { sender_allowed: Number(edit.senderAllowed) }),
    ...(edit.internal === undefined ? {} : { internal: Number(edit.internal) }),
  };
  if (Object.keys(attr).length === 0) return { kind: 'done' };
  return sender(client)({
    route: { name: 'edit/alias' },
    body: { items: [id], attr },
    expected: { word: 'alias_modified' },
  });
}

/** What mailcow splits a list of addresses at: one that holds it would become two others. */
const separators = /[\s,;]/;

/** mailcow ignores an empty goto and says the alias was modified. */
function gotoProblem(goto: readonly string[]): ReturnType<typeof refusedHere> | undefined {
  if (goto.length === 0) return refusedHere('goto_empty');
  const split = goto.find((target) => separators.test(target));
  return split === undefined ? undefined : refusedHere('goto_invalid', split);
}
