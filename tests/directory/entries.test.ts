/** Odd entries never stop a reading and never look absent. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryEntry } from '../../src/core/model.ts';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import type { Values } from '../support/scripted-ldap-messages.ts';
import { servePages, type Entry } from '../support/scripted-ldap.ts';
import { idsOf, readScript, type ScriptedReading } from './setup.ts';

const dn = 'cn=Ida,dc=example,dc=test';

const readEntries = (
  entries: readonly Entry[],
  changes: Partial<DirectoryOptions> = {},
): Promise<ScriptedReading> => readScript({ search: servePages(entries) }, changes);

const readOne = async (
  values: Values,
  changes: Partial<DirectoryOptions> = {},
): Promise<DirectoryEntry | undefined> => {
  const { reading } = await readEntries([[dn, { entryUUID: ['id-1'], ...values }]], changes);
  expect(reading.problems).toEqual([]);
  expect(reading.people).toHaveLength(1);
  return reading.people[0];
};

describe('values', () => {
  test('have their attribute in lower case, however the server spells it', async () => {
    expect((await readOne({ MAIL: ['ida@example.test'], DisplayName: ['Ida'] }))?.attributes).toEqual({
      mail: ['ida@example.test'],
      displayname: ['Ida'],
    });
  });

  test('of one attribute in two spellings are one list', async () => {
    expect((await readOne({ mail: ['a@example.test'], Mail: ['b@example.test'] }))?.attributes).toEqual({
      mail: ['a@example.test', 'b@example.test'],
    });
  });

  test('keep their order and their blanks; an empty one is a value', async () => {
    const entry = await readOne({ mailAlias: ['b@example.test', ' a@example.test ', ''] });
    expect(entry?.attributes['mailalias']).toEqual(['b@example.test', ' a@example.test ', '']);
  });

  test('that are no UTF-8 are kept as invalid text: the entry stays', async () => {
    const entry = await readOne({
      mail: [Buffer.from('m\xfcller@example.test', 'latin1')],
      cn: ['Müller', Buffer.from('M\xfcller', 'latin1')],
    });
    expect(entry?.attributes).toEqual({ mail: ['m\ufffdller@example.test'], cn: ['Müller', 'M\ufffdller'] });
  });

  test('of an attribute called dn are not the DN of the entry', async () => {
    const entry = await readOne({ dn: ['cn=evil'] }, { extraPeopleAttributes: ['dn'] });
    expect(entry).toMatchObject({ dn, attributes: { dn: ['cn=evil'] } });
  });

  test('with an option (a language, say) are not those of the plain attribute', async () => {
    const entry = await readOne({ 'displayName;lang-de': ['Ida die Erste'], displayName: ['Ida'] });
    expect(entry?.attributes).toEqual({
      'displayname;lang-de': ['Ida die Erste'],
      displayname: ['Ida'],
    });
  });

  test('that do not exist leave no empty list', async () => {
    expect((await readOne({ mail: [], displayName: ['Ida'] }))?.attributes).toEqual({
      displayname: ['Ida'],
    });
  });

  test('that nobody asked for are not kept', async () => {
    expect((await readOne({ userPassword: ['secret'], mail: ['ida@example.test'] }))?.attributes).toEqual({
      mail: ['ida@example.test'],
    });
  });
});

describe('the attributes that are asked for', () => {
  test('are those of the mapping, the id, and what was added', async () => {
    const { server } = await readEntries([], {
      mapping: {
        mail: 'Mail',
        name: ['givenName+sn'],
        aliases: ['proxyAddresses'],
        quota: 'mailQuota',
      },
      extraPeopleAttributes: ['memberOf'],
      extraGroupAttributes: ['description'],
      readGroups: true,
    });
    const [people, groups] = server.searches().map(({ attributes }) => [...attributes].sort());
    expect(people).toEqual(
      ['cn', 'displayname', 'entryuuid', 'givenname', 'mail', 'mailquota', 'memberof', 'proxyaddresses']
        .concat(['pwdaccountlockedtime', 'sn', 'uid'])
        .sort(),
    );
    expect(groups).toEqual([
      'cn',
      'description',
      'entryuuid',
      'mail',
      'member',
      'memberuid',
      'proxyaddresses',
      'uid',
      'uniquemember',
    ]);
  });
});

describe('the directory id', () => {
  const guidBytes = Buffer.from('f4b26dc3a0b14c4e8f11001122334455', 'hex');
  const guid = 'c36db2f4-b1a0-4e4c-8f11-001122334455';

  test('of Active Directory is an objectGUID in its own byte order', async () => {
    const { reading } = await readEntries([[dn, { objectGUID: [guidBytes] }]], {
      dialect: 'active-directory',
    });
    expect(idsOf(reading)).toEqual([guid]);
  });

  test('is made from the bytes even when they happen to be text', async () => {
    const { reading } = await readEntries([[dn, { OBJECTGUID: ['ABCDEFGHIJKLMNOP'] }]], {
      dialect: 'active-directory',
    });
    expect(idsOf(reading)).toEqual(['44434241-4645-4847-494a-4b4c4d4e4f50']);
  });

  test('is lower-case text elsewhere', async () => {
    const { reading } = await readEntries([[dn, { entryUUID: ['313A5BCC-79C0-1041-92BE-3B6B659DF2E2'] }]]);
    expect(idsOf(reading)).toEqual(['313a5bcc-79c0-1041-92be-3b6b659df2e2']);
  });

  test('of 389ds is ipaUniqueID, or nsUniqueId for an entry that FreeIPA did not make', async () => {
    const { reading, server } = await readEntries(
      [
        ['uid=ida', { nsUniqueId: ['NS-1'], ipaUniqueID: ['IPA-1'] }],
        ['uid=ben', { nsUniqueId: ['NS-2'] }],
      ],
      { dialect: 'freeipa' },
    );
    expect(idsOf(reading)).toEqual(['ipa-1', 'ns-2']);
    expect(server.searches()[0]?.attributes).toEqual(expect.arrayContaining(['ipauniqueid', 'nsuniqueid']));
  });

  test('is the attribute that the operator names, text or not', async () => {
    const { reading } = await readEntries(
      [
        ['cn=a', { employeeNumber: ['E-17'], entryUUID: ['id-1'] }],
        ['cn=b', { employeeNumber: [Buffer.from('00ff10', 'hex')] }],
      ],
      { idAttribute: 'employeeNumber' },
    );
    expect(idsOf(reading)).toEqual(['e-17', '00ff10']);
  });

  test('that is also a mapped attribute is both', async () => {
    const entry = await readOne({ uid: ['ida'] }, { idAttribute: 'uid', mapping: { aliases: ['uid'] } });
    expect(entry).toMatchObject({ id: 'ida', attributes: { uid: ['ida'] } });
  });

  test('that is missing makes the reading incomplete: such an entry must not look absent', async () => {
    const { reading } = await readEntries([
      ['cn=a', { entryUUID: ['id-1'] }],
      ['cn=b', { mail: ['b@example.test'] }],
      ['cn=c', { entryUUID: [''] }],
    ]);
    expect(idsOf(reading)).toEqual(['id-1']);
    expect(reading.problems).toEqual([
      expect.stringMatching(/^2 entries came without entryuuid.*the first is cn=b$/),
    ]);
  });

  test('that comes twice on shifted pages is one entry, the later one', async () => {
    const { reading } = await readScript({
      search: servePages(
        [[dn, { entryUUID: ['id-1'], mail: ['old@example.test'] }]],
        [[dn, { entryUUID: ['id-1'], mail: ['new@example.test'] }]],
      ),
    });
    expect(reading).toMatchObject({
      problems: [],
      people: [{ id: 'id-1', attributes: { mail: ['new@example.test'] } }],
    });
    expect(reading.people).toHaveLength(1);
  });

  test('that two entries share makes the reading incomplete', async () => {
    const { reading } = await readEntries(
      [
        ['cn=a', { uid: ['x'] }],
        ['cn=b', { uid: ['X'] }],
      ],
      { idAttribute: 'uid' },
    );
    expect(reading.problems).toEqual([expect.stringContaining('the same uid x: cn=a and cn=b')]);
  });
});
