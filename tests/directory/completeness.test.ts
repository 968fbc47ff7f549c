/** facts/ldap.md section 1: every way in which a search can return less than the truth without an error. */
import { describe, expect, test } from '@jest/globals';
import {
  intermediate,
  noticeOfDisconnection,
  searchDoneWithEmptyPaging,
  searchEntry,
} from '../support/scripted-ldap-messages.ts';
import { servePages, type Reply } from '../support/scripted-ldap.ts';
import { idsOf, person, readScript } from './setup.ts';

const sendPeople = (reply: Reply, ...numbers: readonly number[]): void => {
  for (const number of numbers) reply.entry(...person(number));
};

describe('a reading is complete only when the server says so', () => {
  test('an empty page with a cookie is not the end', async () => {
    const { reading, server } = await readScript({
      search: servePages([person(1)], [], [], [person(2)], []),
    });
    expect(idsOf(reading)).toEqual(['uuid-1', 'uuid-2']);
    expect(reading.problems).toEqual([]);
    expect(server.searches()).toHaveLength(5);
  });

  test('a first page without entries is not an empty directory', async () => {
    const { reading } = await readScript({ search: servePages([], [person(1)]) });
    expect(idsOf(reading)).toEqual(['uuid-1']);
  });

  test('pages of references alone are not the end', async () => {
    const { reading } = await readScript({
      search: (request, reply) => {
        const first = request.paging?.cookie === '';
        if (first) reply.reference('ldap://other.example.test/dc=other');
        else sendPeople(reply, 1);
        reply.done({ cookie: first ? 'more' : '' });
      },
    });
    expect(reading).toMatchObject({ people: [{ id: 'uuid-1' }], problems: [] });
  });

  test('paging is demanded, and no size or time limit of our own is sent', async () => {
    const { server } = await readScript({ search: servePages([person(1)], [person(2)]) });
    expect(server.searches()).toMatchObject([
      { sizeLimit: 0, timeLimit: 0, paging: { critical: true, size: 500, cookie: '' } },
      { sizeLimit: 0, timeLimit: 0, paging: { critical: true, size: 500, cookie: '1' } },
    ]);
  });

  test("the server's size limit makes the reading incomplete, whatever was read", async () => {
    const { reading } = await readScript({
      search: (_, reply) => {
        sendPeople(reply, 1, 2);
        reply.done({ code: 4, cookie: '' });
      },
    });
    expect(idsOf(reading)).toEqual(['uuid-1', 'uuid-2']);
    expect(reading.problems).toEqual([expect.stringContaining("the server's size limit cut it off")]);
  });

  test.each([
    [1, 'the server wants a bind first'],
    [3, "the server's time limit cut it off"],
    [10, 'the server refers to another server'],
    [11, 'an administrative limit of the server'],
    [12, 'the server does not page'],
    [32, 'the base DN does not exist, or the bind DN may not read it'],
    [51, 'the server is busy'],
    [52, 'the server is unavailable'],
    [53, 'the server is not willing to search'],
    [80, 'the server ended it with an error'],
  ])('result %i on the second page keeps the first and is a problem', async (code, sentence) => {
    const { reading } = await readScript({
      search: (request, reply) => {
        sendPeople(reply, request.paging?.cookie === '' ? 1 : 2);
        if (request.paging?.cookie === '') reply.done({ cookie: 'second' });
        else reply.done({ code, diagnostic: 'words of the server' });
      },
    });
    expect(idsOf(reading)).toEqual(['uuid-1', 'uuid-2']);
    expect(reading.problems).toEqual([expect.stringContaining(sentence)]);
    expect(reading.problems[0]).toContain('“words of the server”');
    expect(reading.problems[0]).toContain('dc=example,dc=test');
  });

  test('an answer without paging control proves nothing', async () => {
    const { reading } = await readScript({
      search: (_, reply) => {
        sendPeople(reply, 1);
        reply.done();
      },
    });
    expect(idsOf(reading)).toEqual(['uuid-1']);
    expect(reading.problems).toEqual([expect.stringContaining('the server ignored the paging control')]);
  });

  test('a paging control without a value proves nothing either', async () => {
    const { reading } = await readScript({
      search: (request, reply) => {
        sendPeople(reply, 1);
        reply.raw(searchDoneWithEmptyPaging(request.id));
      },
    });
    expect(reading.problems).toEqual([expect.stringContaining('the server ignored the paging control')]);
  });

  test('lldap sends everything at once, and its older versions without paging control', async () => {
    const { reading } = await readScript(
      {
        rootDse: { vendorName: ['LLDAP'] },
        search: (_, reply) => {
          sendPeople(reply, 1, 2);
          reply.done();
        },
      },
      { dialect: 'auto' },
    );
    expect(reading).toMatchObject({ dialect: 'lldap', problems: [] });
    expect(idsOf(reading)).toEqual(['uuid-1', 'uuid-2']);
  });

  test('a server that turns in a circle is left after a while', async () => {
    const { reading, server } = await readScript({
      search: (_, reply) => {
        sendPeople(reply, 1);
        reply.done({ cookie: 'same' });
      },
    });
    expect(reading.problems).toEqual([expect.stringContaining('1000 pages in a row without a new entry')]);
    expect(idsOf(reading)).toEqual(['uuid-1']);
    expect(server.searches()).toHaveLength(1001);
  });

  test('the same cookie again is no circle while new entries come (389ds, Samba)', async () => {
    let page = 0;
    const { reading } = await readScript({
      search: (_, reply) => {
        page += 1;
        sendPeople(reply, page);
        reply.done({ cookie: page < 5 ? 'same' : '' });
      },
    });
    expect(reading.problems).toEqual([]);
    expect(reading.people).toHaveLength(5);
  });

  test('one page of 100,000 entries is read like any other', async () => {
    const people = Array.from({ length: 100_000 }, (_, number) => person(number));
    const { reading } = await readScript({ search: servePages(people) }, { timeoutMs: 60_000 });
    expect(reading.problems).toEqual([]);
    expect(reading.people).toHaveLength(100_000);
  });
});

describe('a lost connection is never replaced silently', () => {
  test('cut between two pages: no second connection, which would be anonymous', async () => {
    const { reading, server } = await readScript({
      search: (_, reply) => {
        sendPeople(reply, 1);
        reply.done({ cookie: 'more' });
        reply.end();
      },
    });
    expect(idsOf(reading)).toEqual(['uuid-1']);
    expect(reading.problems).toEqual([expect.stringContaining('the server closed the connection')]);
    expect(server.connections()).toBe(1);
  });

  test.each(['end', 'reset'] as const)('%s in the middle of a page', async (how) => {
    const { reading, server } = await readScript(
      {
        search: (_, reply) => {
          sendPeople(reply, 1);
          setImmediate(() => {
            reply[how]();
          });
        },
      },
      { readGroups: true },
    );
    expect(reading.problems).toEqual([
      expect.stringContaining('the search for people'),
      expect.stringContaining('the search for groups'),
      expect.stringContaining('the search for other groups'),
    ]);
    expect(server.connections()).toBe(1);
  });

  test("a notice of disconnection is a problem in the server's words", async () => {
    const { reading } = await readScript({
      search: (_, reply) => {
        sendPeople(reply, 1);
        reply.raw(noticeOfDisconnection('shutting down'));
      },
    });
    expect(reading.problems).toEqual([expect.stringContaining('shutting down')]);
  });

  test('a page that never ends is left after the timeout', async () => {
    const { reading } = await readScript(
      {
        search: (_, reply) => {
          sendPeople(reply, 1);
        },
      },
      { timeoutMs: 50 },
    );
    expect(idsOf(reading)).toEqual(['uuid-1']);
    expect(reading.problems).toEqual([expect.stringContaining('no answer within 50 ms')]);
  });

  test('a message that is not understood ends the reading at once instead of hanging', async () => {
    const { reading } = await readScript({
      search: (request, reply) => {
        sendPeople(reply, 1);
        reply.raw(Buffer.concat([intermediate(request.id), searchEntry(request.id, ...person(2))]));
        reply.done({ cookie: '' });
      },
    });
    expect(reading.problems).toEqual([expect.stringContaining('is not LDAP')]);
  });

  test('an answer that nobody asked for ends the reading', async () => {
    const { reading } = await readScript({
      search: (request, reply) => {
        sendPeople(reply, 1);
        reply.raw(searchEntry(request.id + 7, ...person(2)));
        reply.done({ cookie: '' });
      },
    });
    expect(reading.problems).toEqual([expect.stringContaining('a question that nobody asked')]);
  });

  test('an answer that makes no sense before the first entry is an error, not an empty reading', async () => {
    const reading = readScript({
      search: (request, reply) => {
        reply.raw(intermediate(request.id));
      },
    });
    await expect(reading).rejects.toMatchObject({ name: 'DirectoryMalformed' });
  });
});
