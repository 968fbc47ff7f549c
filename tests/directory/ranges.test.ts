/** Active Directory sends long lists of values in pieces; none may be taken for the whole. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import type { Reply, Script } from '../support/scripted-ldap.ts';
import type { SeenSearch } from '../support/scripted-ldap-messages.ts';
import { filters, kindOf, type SearchKind } from './groups.ts';
import { readScript } from './setup.ts';

const group = 'cn=all,dc=example,dc=test';
const members = Array.from({ length: 5000 }, (_, number) => `cn=${number},dc=example,dc=test`);
const step = 1500;

const options: Partial<DirectoryOptions> = {
  dialect: 'active-directory',
  idAttribute: 'cn',
  ...filters,
};

const sendPart = (reply: Reply, from: number): void => {
  const to = from + step < members.length ? String(from + step - 1) : '*';
  reply.entry(group, { [`member;range=${from}-${to}`]: members.slice(from, from + step) });
  reply.done();
};

const rangeOf = (request: SeenSearch): number | undefined => {
  const asked = /^member;range=(\d+)-\*$/.exec(request.attributes[0] ?? '')?.[1];
  return asked === undefined ? undefined : Number(asked);
};

type Later = (reply: Reply, from: number) => void;

/** A group of 5000 that is found as a list or not; `later` answers the requests for its further parts. */
const serveGroup =
  (found: SearchKind, later: Later): NonNullable<Script['search']> =>
  (request, reply) => {
    const from = rangeOf(request);
    if (from !== undefined) {
      later(reply, from);
      return;
    }
    if (kindOf(request) === found) {
      reply.entry(group, { cn: ['all'], member: [], 'member;range=0-1499': members.slice(0, step) });
    }
    reply.done({ cookie: '' });
  };

describe.each([
  ['a list', 'lists', {}],
  ['a group that may be nested in a list', 'others', { nestedOnly: true }],
] as const)('the 5000 members of %s', (_, found, mark) => {
  test('are all read, in their order', async () => {
    const { reading, server } = await readScript({ search: serveGroup(found, sendPart) }, options);
    expect(reading.problems).toEqual([]);
    expect(reading.groups).toEqual([
      { id: 'all', dn: group, attributes: { cn: ['all'], member: members }, ...mark },
    ]);
    const asked = server.searches().filter((request) => rangeOf(request) !== undefined);
    expect(asked.map(({ baseDn, scope, attributes }) => [baseDn, scope, attributes[0]])).toEqual([
      [group, 0, 'member;range=1500-*'],
      [group, 0, 'member;range=3000-*'],
      [group, 0, 'member;range=4500-*'],
    ]);
  });

  const refusals: readonly (readonly [string, (reply: Reply, from: number) => void])[] = [
    [
      'is refused',
      (reply) => {
        reply.done({ code: 50 });
      },
    ],
    [
      'comes empty',
      (reply) => {
        reply.entry(group, { member: [] });
        reply.done();
      },
    ],
    [
      'begins again at the start',
      (reply) => {
        sendPart(reply, 0);
      },
    ],
    [
      'leaves a gap',
      (reply, from) => {
        sendPart(reply, from + 1);
      },
    ],
    [
      'belongs to a group that is gone',
      (reply) => {
        reply.done({ code: 32 });
      },
    ],
  ];
  test.each(refusals)('are partial when a later part %s', async (_why, later) => {
    const { reading } = await readScript({ search: serveGroup(found, later) }, options);
    expect(reading.problems).toEqual([]);
    expect(reading.groups).toMatchObject([{ id: 'all', partial: ['member'], ...mark }]);
    expect(reading.groups[0]?.attributes['member']).toHaveLength(step);
  });

  test('are partial, and the reading incomplete, when the connection is lost in between', async () => {
    const lost = (reply: Reply, from: number): void => {
      if (from === step) sendPart(reply, from);
      else reply.reset();
    };
    const { reading, server } = await readScript({ search: serveGroup(found, lost) }, options);
    expect(reading.groups).toMatchObject([{ id: 'all', partial: ['member'], ...mark }]);
    const searchAfter = found === 'lists' ? [expect.stringContaining('the search for other groups')] : [];
    expect(reading.problems).toEqual([
      expect.stringContaining('the rest of a long list of values'),
      ...searchAfter,
    ]);
    expect(server.connections()).toBe(1);
  });

  test('that come as one whole range need no further question', async () => {
    const { reading, server } = await readScript(
      {
        search: (request, reply) => {
          const values = { cn: ['all'], 'member;range=0-*': members.slice(0, 3) };
          if (kindOf(request) === found) reply.entry(group, values);
          reply.done({ cookie: '' });
        },
      },
      options,
    );
    expect(reading.groups[0]).toEqual({
      id: 'all',
      dn: group,
      attributes: { cn: ['all'], member: members.slice(0, 3) },
      ...mark,
    });
    expect(server.searches()).toHaveLength(3);
  });
});
