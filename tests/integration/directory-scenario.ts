/** What has to be the same on every kind of server; docs/directories.md says what differs. */
import { describe, expect, test } from '@jest/globals';
import {
  activeOf,
  addValueLdif,
  deleteLdif,
  idIn,
  moveLdif,
  placesLdif,
  replaceLdif,
  withUnit,
  type TestedDirectory,
} from './directory-tested.ts';
import { expectUntouched, syncWell } from './world.ts';

const mailbox = (name: string): object => ({ name: `${name} Test`, quotaMiB: 3072, active: 1 });

/** People and their addresses. */
export function testPeople(directory: () => TestedDirectory): void {
  describe('people', () => {
    test('become mailboxes and aliases, and the marks bear the id by which the server itself finds them', async () => {
      await withUnit(directory(), 'Marks', async ({ dn, played }) => {
        const { modify, person, dnOf, findById } = directory();
        await modify(person(dn, { name: 'marla', aliases: ['m.extra@example.test'] }));
        await modify(person(dn, { name: 'milo', disabled: true }));
        await syncWell(played);
        expect(played.held()).toEqual({
          mailboxes: {
            'marla@example.test': mailbox('marla'),
            'milo@example.test': { ...mailbox('milo'), active: 0 },
          },
          aliases: { 'm.extra@example.test': { goto: ['marla@example.test'], active: 1 } },
        });
        const found = await findById(idIn(played, 'marla@example.test'));
        expect(found.toLowerCase()).toContain(`dn: ${dnOf(dn, 'marla')}\n`.toLowerCase());
        await expectUntouched(played, () => syncWell(played));
      });
    });

    test('who are disabled are deactivated at once, and come back', async () => {
      await withUnit(directory(), 'Disabled', async ({ dn, played }) => {
        const { modify, person, dnOf, disable, enable } = directory();
        await modify(['dana', 'dirk'].map((name) => person(dn, { name })).join(''));
        await modify(person(dn, { name: 'dora', disabled: true }));
        const others = { 'dirk@example.test': 1, 'dora@example.test': 0 };
        await syncWell(played);
        expect(activeOf(played)).toEqual({ 'dana@example.test': 1, ...others });
        await modify(disable(dnOf(dn, 'dana')));
        await syncWell(played);
        expect(activeOf(played)).toEqual({ 'dana@example.test': 0, ...others });
        await modify(enable(dnOf(dn, 'dana')));
        await syncWell(played);
        expect(activeOf(played)).toEqual({ 'dana@example.test': 1, ...others });
      });
    });

    test('who are moved to another OU are the same ones: nothing is written', async () => {
      await withUnit(directory(), 'Moves', async ({ dn, played }) => {
        const { modify, person, dnOf } = directory();
        await modify(placesLdif(dn));
        await modify(person(`ou=Old,${dn}`, { name: 'otto' }));
        await syncWell(played);
        await modify(moveLdif(dnOf(`ou=Old,${dn}`, 'otto'), `ou=New,${dn}`));
        await expectUntouched(played, async () => {
          await syncWell(played);
          await syncWell(played);
          expect((await played.run(['sync', '--full'])).code).toBe(0);
        });
        expect(activeOf(played)).toEqual({ 'otto@example.test': 1 });
      });
    });

    test('who get another address keep their mailbox under it, and the old address as an alias', async () => {
      await withUnit(directory(), 'Renames', async ({ dn, played }) => {
        const { modify, person, dnOf } = directory();
        await modify(person(dn, { name: 'rosa' }));
        await syncWell(played);
        const id = idIn(played, 'rosa@example.test');
        await modify(replaceLdif(dnOf(dn, 'rosa'), 'mail', 'rosa.new@example.test'));
        await syncWell(played);
        expect(played.held()).toEqual({
          mailboxes: { 'rosa.new@example.test': mailbox('rosa') },
          aliases: { 'rosa@example.test': { goto: ['rosa.new@example.test'], active: 1 } },
        });
        expect(idIn(played, 'rosa.new@example.test')).toBe(id);
        await expectUntouched(played, () => syncWell(played));
      });
    });

    test('who were deleted and created anew keep the mailbox, which bears the new id', async () => {
      await withUnit(directory(), 'Again', async ({ dn, played }) => {
        const { modify, person, dnOf, findById } = directory();
        await modify(['anke', 'arno'].map((name) => person(dn, { name })).join(''));
        await syncWell(played);
        const before = played.held();
        const former = idIn(played, 'anke@example.test');
        await modify(deleteLdif(dnOf(dn, 'anke')));
        await modify(person(dn, { name: 'anke' }));
        for (let syncs = 0; syncs < 4; syncs += 1) await syncWell(played);
        expect(played.held()).toEqual(before);
        const now = idIn(played, 'anke@example.test');
        expect(now).not.toBe(former);
        expect((await findById(now)).toLowerCase()).toContain(`dn: ${dnOf(dn, 'anke')}\n`.toLowerCase());
      });
    });
  });
}

/** Lists and their members. */
export function testGroups(directory: () => TestedDirectory): void {
  describe('groups', () => {
    test('with an address reach their members and those of groups in them, in a circle too', async () => {
      await withUnit(directory(), 'Lists', async ({ dn, played }) => {
        const { modify, person, group, dnOf } = directory();
        await modify(['gina', 'gero', 'nobody'].map((name) => person(dn, { name })).join(''));
        await modify(group(dn, { name: 'crew', members: [dnOf(dn, 'gero')] }));
        const members = [dnOf(dn, 'gina'), dnOf(dn, 'crew')];
        await modify(group(dn, { name: 'staff', address: 'staff@example.test', members }));
        await modify(addValueLdif(dnOf(dn, 'crew'), 'member', dnOf(dn, 'staff')));
        await syncWell(played);
        expect(played.held().aliases).toEqual({
          'staff@example.test': { goto: ['gero@example.test', 'gina@example.test'], active: 1 },
        });
        await expectUntouched(played, () => syncWell(played));
      });
    });

    test('do not reach a member who is disabled, until that ends', async () => {
      await withUnit(directory(), 'ListsDisabled', async ({ dn, played }) => {
        const { modify, person, group, dnOf, disable, enable } = directory();
        const names = ['hans', 'hera', 'hugo'];
        await modify(names.map((name) => person(dn, { name })).join(''));
        await modify(person(dn, { name: 'hilde', disabled: true }));
        const members = [...names, 'hilde'].map((name) => dnOf(dn, name));
        await modify(group(dn, { name: 'team', address: 'team@example.test', members }));
        await syncWell(played);
        const all = played.held().aliases;
        expect(all).toEqual({
          'team@example.test': { goto: names.map((name) => `${name}@example.test`), active: 1 },
        });
        await modify(disable(dnOf(dn, 'hera')));
        await syncWell(played);
        expect(played.held().aliases).toEqual({
          'team@example.test': { goto: ['hans@example.test', 'hugo@example.test'], active: 1 },
        });
        await modify(enable(dnOf(dn, 'hera')));
        await syncWell(played);
        expect(played.held().aliases).toEqual(all);
      });
    });
  });
}

/** Servers that take the attribute away when somebody is enabled again, instead of writing another value into it. */
export function testLastDisabled(directory: () => TestedDirectory, attribute: string): void {
  describe('the last person who is disabled', () => {
    test('comes back after an approval only: the account may have lost the right to see who is disabled', async () => {
      await withUnit(directory(), 'LastDisabled', async ({ dn, played }) => {
        const { modify, person, dnOf, enable } = directory();
        await modify([person(dn, { name: 'lea', disabled: true }), person(dn, { name: 'leo' })].join(''));
        await syncWell(played);
        await modify(enable(dnOf(dn, 'lea')));
        const { code, stderr } = await expectUntouched(played, () => played.sync());
        const subject = `attribute:${attribute.toLowerCase()}`;
        expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(`approve ${subject}`) });
        expect((await played.run(['approve', subject])).code).toBe(0);
        await syncWell(played);
        expect(activeOf(played)).toEqual({ 'lea@example.test': 1, 'leo@example.test': 1 });
      });
    });
  });
}
