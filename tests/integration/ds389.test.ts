/** The real program on a real 389ds with the schemas it comes with. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testGroups, testLastDisabled, testPeople } from './directory-scenario.ts';
import { activeOf, idIn, replaceLdif, withUnit, type TestedDirectory } from './directory-tested.ts';
import { openDs389, reader } from './unix-directories.ts';
import { expectUntouched, syncWell } from './world.ts';

let opened: TestedDirectory | undefined;
const directory = (): TestedDirectory => {
  if (opened === undefined) throw new Error('389ds did not start.');
  return opened;
};

beforeAll(async () => {
  opened = await openDs389();
});
afterAll(async () => {
  await opened?.close();
});

testPeople(directory);
testGroups(directory);
testLastDisabled(directory, 'nsAccountLock');

describe('what only 389ds has', () => {
  test('the id is nsUniqueId, which each entry has, also without FreeIPA', async () => {
    await withUnit(directory(), 'Ids', async ({ dn, played }) => {
      await directory().modify(directory().person(dn, { name: 'ulla' }));
      await syncWell(played);
      expect(idIn(played, 'ulla@example.test')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{8}){3}$/);
    });
  });

  test('a limit of entries that a search may look at makes the reading incomplete, until the account has none', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `p${number}`);
    await withUnit(directory(), 'Limits', async ({ dn, played }) => {
      const { modify, person } = directory();
      await modify(names.map((name) => person(dn, { name })).join(''));
      await modify(replaceLdif(reader.dn, 'nsLookThroughLimit', '10'));
      const { code, stderr } = await played.sync();
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nsLookThroughLimit') });
      await modify(replaceLdif(reader.dn, 'nsLookThroughLimit', '-1'));
      await syncWell(played);
      expect(Object.keys(activeOf(played))).toHaveLength(names.length);
      await expectUntouched(played, () => syncWell(played));
    });
  });
});
