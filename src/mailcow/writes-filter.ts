/** The writes of the port that concern sieve filters. */
import type { FilterEdit, FilterResult, Mailcow, NewFilter, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { isMailcowError } from './errors.ts';
import { listFilters } from './reads.ts';
import { judgeDeletions } from './verdict-deletions.ts';
import { isEmptyForPhp, isTooLong, refusedHere, sender } from './write.ts';
import type { RefusedHere } from './write.ts';

type FilterWrites = Pick<Mailcow, 'createFilter' | 'editFilter' | 'deleteFilters'>;

/** The port's writes on filters. Whether a script is sieve is for mailcow to say (`sieve_error`). */
export function filterWrites(client: Client): FilterWrites {
  return {
    createFilter: (filter) => createFilter(client, filter),
    editFilter: (id, edit) => editFilter(client, id, edit),
    deleteFilters: async (ids) => {
      if (ids.length === 0) return [];
      const reply = await client.write({ name: 'delete/filter' }, ids);
      return reply.kind === 'text'
        ? judgeDeletions(reply.text, { ids, word: 'delete_filter' })
        : ids.map(() => reply);
    },
  };
}

async function createFilter(client: Client, filter: NewFilter): Promise<FilterResult> {
  const problem = filterProblem(filter);
  if (problem !== undefined) return problem;
  const body = {
    username: filter.username,
    script_desc: filter.description,
    script_data: filter.script,
    filter_type: filter.kind,
    active: Number(filter.active),
  };
  const verdict = await sender(client)({
    route: { name: 'add/filter' },
    body,
    expected: { word: 'mailbox_modified' },
  });
  return verdict.kind === 'done' ? findCreated(client, filter) : verdict;
}

/** Equal filters may stand beside each other; ids only grow, the newest is the one just made. */
async function findCreated(client: Client, filter: NewFilter): Promise<FilterResult> {
  const created = 'the filter was created, but';
  try {
    const equal = (await listFilters(client, filter.username)).filter(
      ({ description, script, kind }) =>
        description === filter.description && script === filter.script && kind === filter.kind,
    );
    if (equal.length === 0) return { kind: 'unclear', why: `${created} none reads like it` };
    return { kind: 'done', id: Math.max(...equal.map(({ id }) => id)) };
  } catch (error) {
    if (!isMailcowError(error)) throw error;
    return { kind: 'unclear', why: `${created} its id could not be read: ${error.message}` };
  }
}

async function editFilter(client: Client, id: number, edit: FilterEdit): Promise<WriteResult> {
  const problem = filterProblem(edit);
  if (problem !== undefined) return problem;
  const attr = {
    ...(edit.description === undefined ? {} : { script_desc: edit.description }),
    ...(edit.script === undefined ? {} : { script_data: edit.script }),
    ...(edit.active === undefined ? {} : { active: Number(edit.active) }),
  };
  if (Object.keys(attr).length === 0) return { kind: 'done' };
  return sender(client)({
    route: { name: 'edit/filter' },
    body: { items: [id], attr },
    expected: { word: 'mailbox_modified' },
  });
}

/** What a TEXT column holds, in bytes. */
const scriptBytes = 65_535;

/**
 * An edit ignores what is empty. What is too long makes the statement fail, after the active filter of the
 * mailbox was deactivated in favour of the new one.
 */
function filterProblem({ script, description }: FilterEdit): RefusedHere | undefined {
  if (isEmptyForPhp(script)) return refusedHere('script_empty');
  if (isEmptyForPhp(description)) return refusedHere('value_missing');
  if (script !== undefined && Buffer.byteLength(script) > scriptBytes) return refusedHere('script_too_long');
  return isTooLong(description) ? refusedHere('description_too_long') : undefined;
}
