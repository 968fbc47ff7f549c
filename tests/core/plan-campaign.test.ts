/** What the campaign of faults found in the plan (docs/reliability.md), each as the smallest scene that shows it. */
import { describe, expect, test } from '@jest/globals';
import { at, markOf, ownedAlias, ownedMailbox, person, row } from '../support/builders.ts';
import { briefPlan, draftOf, type Scene } from '../support/builders-plan.ts';

type Row = readonly [what: string, scene: Scene, writes: readonly string[], findings?: readonly string[]];

const check = (...[_what, scene, writes, findings]: Row): void => {
  const plan = briefPlan(scene);
  expect(plan.writes).toEqual(writes);
  if (findings !== undefined) expect(plan.findings).toEqual(findings);
};
const a = ownedMailbox('a');
const b = ownedMailbox('b');
const dnOf = (id: string): string => `cn=${id},ou=People,dc=example,dc=test`;

// Seeds 405 and 577: whatever a rename brought to the address in the ledger was taken for the person's own.
test('somebody renamed onto the address of a mailbox deleted by hand keeps name and quota (4.6)', () => {
  check(
    '',
    {
      managed: [{ row: row('mailbox', 'a', { directoryId: 'a' }) }, b],
      people: [person('a', { mail: 'c' }), person('b', { mail: 'a' })],
    },
    ['rename mailbox b address=b->a', 'create mailbox c active=1 name=A quotaMiB=3072'],
  );
});

describe('a contested address (4.8)', () => {
  test.each<Row>([
    [
      // Seed 3013.
      'leaves the mailbox of a leaver as it is',
      { managed: [a], gone: [person('a')], people: [person('p', { mail: 'a' }), person('q', { mail: 'a' })] },
      [],
      ['duplicate-address a'],
    ],
    [
      'does not become an alias of a third',
      {
        managed: [a],
        people: [person('a', { aliases: ['x'] }), person('p', { mail: 'x' }), person('q', { mail: 'x' })],
      },
      [],
      ['alias-is-mailbox x', 'duplicate-address x'],
    ],
  ])('%s', check);
});

// Seed 644: the mailbox that a domain move left behind, at an address that somebody else wants by now.
test('a mailbox left in another domain is not deactivated at an address that is claimed (4.6)', () => {
  const left = ownedMailbox('a', { at: 'a@other.test', row: { movedTo: at('a') } });
  check('', { managed: [a, left, b], gone: [person('a')], people: [person('b', { mail: 'a@other.test' })] }, [
    'deactivate mailbox a active=1->0',
  ]);
});

describe('the former id of an account that was made anew (4.3, 4.6)', () => {
  const inGrace = [person('a', { aliases: ['x'] })];
  const managed = [a, ownedAlias('x', 'a')];
  test.each<Row>([
    [
      // Seed 3046.
      'keeps its grace when the new one quarrels about the address',
      { managed, inGrace, people: [person('a2', { mail: 'a', dn: dnOf('a') }), person('q', { mail: 'a' })] },
      [],
    ],
    [
      'gives an alias up only after the take-over',
      { managed, inGrace, people: [person('a2', { mail: 'a', name: 'A', dn: dnOf('a') })] },
      ['adopt mailbox a'],
    ],
  ])('%s', check);
});

// Seed 3067: its aliases were removed as if it had given them up.
test('who is not in the reading gives up nothing, whatever its entry said last (4.3)', () => {
  check('', { managed: [a, ownedAlias('x', 'a')], inGrace: [person('a')], people: [person('p')] }, [
    'create mailbox p active=1 name=P quotaMiB=3072',
  ]);
});

// Seed 82 of the campaign with lists.
test('the alias of a leaver at an address that somebody has stays as it is (4.6)', () => {
  check(
    '',
    {
      managed: [ownedMailbox('b', { mailbox: { active: 0 } }), ownedAlias('x', 'a', { goto: 'b' })],
      gone: [person('a')],
      people: [person('b', { mail: 'x', disabled: true })],
    },
    [],
    ['rename-waits-for-enable b'],
  );
});

// Seed 20854: with the rename held, mailcow refused the alias in every sync.
test('an alias at an address that a rename vacates goes with that rename', () => {
  const draft = draftOf({
    managed: [a, b],
    people: [person('a', { mail: 'c' }), person('b', { aliases: ['a'] })],
  });
  const create = draft.changes.find(({ kind, resource }) => kind === 'create' && resource === 'alias');
  expect(create).toMatchObject({ key: at('a'), needs: ['rename mailbox a@example.test'] });
});

// Seed 420: it was sent, refused, and sent again for ever.
test('nobody is renamed onto a half-deleted mailbox', () => {
  check(
    '',
    { managed: [a], people: [person('a', { mail: 'h' })], halfDeleted: ['h'] },
    [],
    ['address-taken h'],
  );
});

describe('the mark says whose an object is, whatever the ledger says (4.17)', () => {
  test.each<Row>([
    [
      'a mailbox',
      {
        managed: [ownedMailbox('a', { mailbox: { tags: [markOf('b')] } })],
        people: [person('a', { name: 'New' })],
      },
      [],
      ['address-has-former-owner a'],
    ],
    [
      // Seed 209.
      'an alias whose mark is of somebody else gets that of its owner',
      {
        managed: [a, b, ownedAlias('x', 'b', { goto: 'a' })],
        people: [person('a', { aliases: ['x'] }), person('b')],
      },
      ['adopt alias x'],
    ],
  ])('%s', check);
});
