/** The sieve filters of the mailcow in memory; it takes every script for sieve. */
import type { SieveFilter } from '../../src/core/model.ts';
import type { FilterEdit, FilterResult, Mailcow, WriteResult } from '../../src/ports-mailcow.ts';
import { refused, write } from './memory-world.ts';
import type { MemoryWorld } from './memory-world.ts';

type FilterWrites = {
  readonly createFilter: (...args: Parameters<Mailcow['createFilter']>) => FilterResult;
  readonly editFilter: (...args: Parameters<Mailcow['editFilter']>) => WriteResult;
  readonly deleteFilters: (...args: Parameters<Mailcow['deleteFilters']>) => readonly WriteResult[];
};

/** The port's writes on filters. */
export function filterWrites(world: MemoryWorld): FilterWrites {
  return {
    createFilter: (filter) => {
      const why = whyNot(filter);
      if (why !== undefined) return refused(why);
      if (!world.mailboxes.has(filter.username)) return refused('access_denied');
      const id = (world.nextId += 1);
      put(world, { ...filter, id });
      write(world, 'create filter', { key: filter.username, was: undefined });
      return { kind: 'done', id };
    },
    editFilter: (id, edit) => {
      const was = world.filters.get(id);
      const why = whyNot({ ...was, ...edit });
      if (why !== undefined) return refused(why);
      if (Object.keys(edit).length === 0) return { kind: 'done' };
      if (was === undefined) return refused('access_denied');
      const next = { ...was, ...edit };
      put(world, next);
      const what = next.active === was.active ? 'update' : next.active ? 'reactivate' : 'deactivate';
      return write(world, `${what} filter`, { key: was.username, was });
    },
    deleteFilters: (ids) =>
      ids.map((id) => {
        const was = world.filters.get(id);
        if (was === undefined) return refused('access_denied');
        world.filters.delete(id);
        return write(world, 'delete filter', { key: was.username, was });
      }),
  };
}

/** Filters go where their mailbox goes; without `to` they go with it. */
export function followMailbox(world: MemoryWorld, from: string, to?: string): void {
  for (const one of [...world.filters.values()].filter(({ username }) => username === from)) {
    if (to === undefined) world.filters.delete(one.id);
    else world.filters.set(one.id, { ...one, username: to });
  }
}

function whyNot({ script = ' ', description = ' ' }: FilterEdit): string | undefined {
  if (script === '') return 'script_empty';
  if (description === '') return 'value_missing';
  if (Buffer.byteLength(script) > 65_535) return 'script_too_long';
  return [...description].length > 255 ? 'description_too_long' : undefined;
}

function put(world: MemoryWorld, filter: SieveFilter): void {
  const rivals = [...world.filters.values()].filter(
    ({ id, username, kind }) => id !== filter.id && username === filter.username && kind === filter.kind,
  );
  if (filter.active) for (const one of rivals) world.filters.set(one.id, { ...one, active: false });
  world.filters.set(filter.id, filter);
}
