/** The adapter against a real OpenLDAP with the sample company. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { openDirectory } from '../../src/directory/directory.ts';
import { probeDirectory } from '../../src/directory/probe.ts';
import { startCuttingProxy } from '../support/slapd-proxy.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { optionsFor, readDirectory } from './setup.ts';

const file = 'tests/fixtures/ldif/company-1000.ldif';

const countInFile = (line: RegExp): number =>
  readFileSync(file, 'utf8')
    .split(/\n\n+/)
    .filter((record) => line.test(record)).length;

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ ldif: [file] });
});
afterAll(() => slapd.stop());

describe('the sample company', () => {
  test('is read completely: as many people and groups as its file holds', async () => {
    const reading = await readDirectory(optionsFor(slapd));
    expect(reading.dialect).toBe('openldap');
    expect(reading.problems).toEqual([]);
    expect(reading.people).toHaveLength(countInFile(/^objectCategory: person$/m));
    expect(reading.groups).toHaveLength(countInFile(/^objectClass: group$/m));
    const lists = reading.groups.filter(({ nestedOnly }) => nestedOnly !== true);
    expect(lists).toHaveLength(countInFile(/^objectClass: group$[^]*^mail:/m));
    expect(new Set(reading.people.map(({ id }) => id)).size).toBe(reading.people.length);
  });

  test.each([1, 7, 1000])('is the same with %i entries a page', async (pageSize) => {
    const [paged, whole] = [
      await readDirectory(optionsFor(slapd, { pageSize, readGroups: false })),
      await readDirectory(optionsFor(slapd, { readGroups: false })),
    ];
    expect(paged).toEqual(whole);
  });

  test('brings only the attributes in use, in lower case, as text', async () => {
    const { people } = await readDirectory(optionsFor(slapd, { extraPeopleAttributes: ['objectClass'] }));
    const julia = people.find(({ dn }) => dn.startsWith('cn=Julia Becker 2,'));
    expect(julia?.attributes).toEqual({
      objectclass: ['inetOrgPerson', 'user'],
      cn: ['Julia Becker 2'],
      sn: ['Becker'],
      givenname: ['Julia'],
      displayname: ['Julia Becker'],
      mail: ['julia.becker2@example.test'],
      useraccountcontrol: ['512'],
      proxyaddresses: [
        'SMTP:julia.becker2@example.test',
        'x500:/o=Org/cn=Recipients/cn=julia.becker2-0',
        'smtp:julia2.alias1@other.test',
      ],
    });
    expect(julia?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('can be read several times through one adapter, also at once', async () => {
    const directory = openDirectory(optionsFor(slapd));
    const [first, second] = await Promise.all([directory.read(), directory.read()]);
    expect(first).toEqual(second);
    await directory.close();
    expect(await directory.read()).toEqual(first);
  });

  test('in scope “one” has nobody directly below the base', async () => {
    expect(await readDirectory(optionsFor(slapd, { scope: 'one' }))).toMatchObject({
      people: [],
      problems: [],
    });
  });
});

describe('what the bind DN may not read makes the reading incomplete', () => {
  test('a bind that is cut off by a size limit even when it pages', async () => {
    const { dn, password } = slapd.limited;
    const reading = await readDirectory(
      optionsFor(slapd, { bindDn: dn, bindPassword: password, pageSize: 100 }),
    );
    expect(reading.people.length).toBeGreaterThan(0);
    expect(reading.people.length).toBeLessThan(1000);
    expect(reading.problems).toEqual([expect.stringContaining("the server's size limit cut it off")]);
  });

  test('a bind that may read nothing', async () => {
    const { dn, password } = slapd.nothing;
    const reading = await readDirectory(optionsFor(slapd, { bindDn: dn, bindPassword: password }));
    expect(reading).toMatchObject({ people: [], groups: [] });
    expect(reading.problems).toHaveLength(3);
    expect(reading.problems[0]).toContain('the base DN does not exist, or the bind DN may not read it');
  });

  test('a base DN that does not exist', async () => {
    const baseDn = `ou=nobody,${slapd.baseDn}`;
    const reading = await readDirectory(optionsFor(slapd, { baseDn }));
    expect(reading.people).toEqual([]);
    expect(reading.problems[0]).toContain(`below “${baseDn}”`);
    expect(reading.problems[0]).toContain('the base DN does not exist');
  });

  test('a base DN of another server', async () => {
    const reading = await readDirectory(optionsFor(slapd, { baseDn: 'dc=other,dc=corp' }));
    expect(reading.problems).toHaveLength(3);
  });

  test('a base DN that is no DN', async () => {
    const reading = await readDirectory(optionsFor(slapd, { baseDn: 'the company' }));
    expect(reading.problems[0]).toContain('the base DN is not a valid DN');
  });

  test('a filter on an unknown attribute finds nobody: only the sync knows that somebody was there', async () => {
    const reading = await readDirectory(optionsFor(slapd, { userFilter: '(employeTyp=staff)' }));
    expect(reading).toMatchObject({ people: [], problems: [] });
  });

  test('an id attribute that nobody has', async () => {
    const reading = await readDirectory(optionsFor(slapd, { idAttribute: 'objectGUID', readGroups: false }));
    expect(reading.people).toEqual([]);
    expect(reading.problems).toEqual([
      expect.stringContaining('1000 entries came without objectguid, so nobody can know who they are'),
    ]);
  });
});

describe('a connection that is cut in the middle', () => {
  test.each([5_000, 100_000, 200_000])(
    'after %i bytes leaves what was read, and a problem',
    async (bytes) => {
      const proxy = await startCuttingProxy({ port: slapd.port, cutAfterBytes: bytes });
      const reading = await readDirectory(optionsFor(slapd, { uris: [proxy.uri], pageSize: 100 }));
      expect(reading.people.length).toBeGreaterThan(0);
      expect(reading.people.length).toBeLessThan(1000);
      expect(reading.problems).toEqual([
        expect.stringContaining('the search for people below “dc=example,dc=test” ended after'),
        expect.stringContaining('the search for groups below “dc=example,dc=test” ended after 0 entries'),
        expect.stringContaining(
          'the search for other groups below “dc=example,dc=test” ended after 0 entries',
        ),
      ]);
      expect(proxy.connections()).toBe(1);
      await proxy.close();
    },
  );
});

describe('the check of a directory', () => {
  test('tells what an ordinary service bind sees', async () => {
    const probe = await probeDirectory(optionsFor(slapd));
    expect(probe).toMatchObject({
      uri: slapd.uri,
      encrypted: false,
      dialect: 'openldap',
      vendor: 'OpenLDAP',
      whoami: `dn:${slapd.bindDn}`,
      pagingWorks: true,
      sizeLimited: false,
      countPeople: 1000,
      problems: [],
    });
    expect(probe.sampleEntries).toHaveLength(10);
  });

  test('tells that a bind is cut off', async () => {
    const { dn, password } = slapd.limited;
    const probe = await probeDirectory(optionsFor(slapd, { bindDn: dn, bindPassword: password }));
    expect(probe).toMatchObject({ sizeLimited: true, pagingWorks: true });
    expect(probe.problems).toHaveLength(1);
  });

  test('shows a dialect that was named although the server looks like another', async () => {
    const probe = await probeDirectory(optionsFor(slapd, { dialect: 'lldap', readGroups: false }));
    expect(probe).toMatchObject({ dialect: 'lldap', detected: 'openldap', countLists: 0 });
  });
});

describe('rights on single attributes', () => {
  test('that hide the id make the reading incomplete; those that hide another attribute hide only that', async () => {
    const hiding = await startSlapd({
      ldif: [file],
      extraAcl: [
        `access to dn.subtree="ou=Students,dc=example,dc=test" attrs=entryUUID by * none`,
        `access to attrs=displayName by * none`,
      ],
    });
    const reading = await readDirectory(optionsFor(hiding, { readGroups: false }));
    await hiding.stop();
    expect(reading.people.length).toBeGreaterThan(0);
    expect(reading.people.some(({ attributes }) => 'displayname' in attributes)).toBe(false);
    expect(reading.problems).toEqual([expect.stringMatching(/^\d+ entries came without entryuuid/)]);
  });
});
