import { describe, expect, test } from '@jest/globals';
import { deriveDesired } from '../../src/core/desired.ts';
import type { DeriveInput, DesiredState, Holding } from '../../src/core/desired-types.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { at, briefFinding, group, mapping, person } from '../support/builders.ts';

const derive = (people: readonly DirectoryEntry[], more: Partial<DeriveInput> = {}): DesiredState =>
  deriveDesired({
    people,
    groups: [],
    mapping,
    domains: new Set(['example.test', 'other.test']),
    holdings: new Map(),
    inactiveReceives: false,
    ...more,
  });

const short = (address: string): string => address.replace(/@example\.test$/, '');

/** `anna* <- sales(off)`: mailboxes (without `*`: disabled) and aliases in short words. */
const briefly = (desired: DesiredState): Record<string, readonly string[]> => ({
  mailboxes: [...desired.mailboxes.values()]
    .map(({ address, enabled }) => `${short(address)}${enabled ? '' : ' off'}`)
    .sort(),
  aliases: [...desired.aliases.values()]
    .map(
      ({ address, goto, active }) => `${short(address)}>${goto.map(short).join('+')}${active ? '' : ' off'}`,
    )
    .sort(),
  findings: desired.findings.map(briefFinding).sort(),
});

type Row = readonly [
  what: string,
  people: readonly DirectoryEntry[],
  mailboxes: readonly string[],
  aliases: readonly string[],
  findings: readonly string[],
];

const check = (
  _what: string,
  ...[people, mailboxes, aliases, findings]: [Row[1], Row[2], Row[3], Row[4]]
): void => {
  const desired = derive(people);
  expect(briefly(desired)).toEqual({ mailboxes, aliases, findings });
};
const dnOf = (id: string): string => `cn=${id},ou=People,dc=example,dc=test`;

describe('rule 1: an entry without one valid address is no mailbox', () => {
  test.each<Row>([
    ['no address', [person('a', { mail: undefined })], [], [], [`no-address ${dnOf('a')}`]],
    ['several', [person('a', { mail: ['a', 'b'] })], [], [], [`several-addresses ${dnOf('a')}`]],
    ['an invalid one', [person('a', { mail: 'a b' })], [], [], [`invalid-address ${dnOf('a')}`]],
    ['one in two spellings', [person('a', { mail: ['A', 'a'] })], ['a'], [], []],
  ])('%s', check);
});

describe('rule 2: the domain must be in mailcow', () => {
  test.each<Row>([
    ['unknown', [person('a', { mail: 'a@else.test' })], [], [], [`unknown-domain ${dnOf('a')}`]],
    [
      'a subdomain of a known one',
      [person('a', { mail: 'a@x.example.test' })],
      [],
      [],
      [`unknown-domain ${dnOf('a')}`],
    ],
    ['another known one', [person('a', { mail: 'a@other.test' })], ['a@other.test'], [], []],
  ])('%s', check);
});

describe('rule 3: two entries with one address', () => {
  test.each<Row>([
    [
      'get nothing',
      [person('a', { mail: 'x' }), person('b', { mail: 'X' })],
      [],
      [],
      ['duplicate-address x'],
    ],
    [
      'get nothing although one is disabled',
      [person('a', { mail: 'x' }), person('b', { mail: 'x', disabled: true })],
      [],
      [],
      ['duplicate-address x'],
    ],
    [
      'do not get their aliases either, and claim none',
      [
        person('a', { mail: 'x', aliases: ['s'] }),
        person('b', { mail: 'x' }),
        person('c', { aliases: ['s'] }),
      ],
      ['c'],
      ['s>c'],
      ['duplicate-address x'],
    ],
  ])('%s', check);

  test('both are named', () => {
    const [finding] = derive([person('a', { mail: 'x' }), person('b', { mail: 'x' })]).findings;
    expect(finding?.message).toContain(dnOf('a'));
    expect(finding?.message).toContain(dnOf('b'));
  });
});

describe('rule 4: everybody else gets a mailbox', () => {
  test.each<Row>([
    ['an enabled person', [person('a')], ['a'], [], []],
    ['a disabled person too', [person('a', { disabled: true })], ['a off'], [], []],
  ])('%s', check);

  test('with name and quota', () => {
    const desired = derive([person('a', { name: 'Anna', quotaMiB: 5 })]);
    expect([...desired.mailboxes.values()]).toEqual([
      {
        id: 'a',
        dn: dnOf('a'),
        address: at('a'),
        name: 'Anna',
        quotaMiB: 5,
        enabled: true,
        tlsEnforceIn: undefined,
        tlsEnforceOut: undefined,
      },
    ]);
  });
});

describe('rule 6: an alias value', () => {
  test.each<Row>([
    ['equal to the own mailbox is nothing', [person('a', { aliases: ['A'] })], ['a'], [], []],
    ['that is no address', [person('a', { aliases: ['x y'] })], ['a'], [], ['invalid-alias x y']],
    [
      'in a domain that mailcow has not',
      [person('a', { aliases: ['x@else.test'] })],
      ['a'],
      [],
      ['alias-unknown-domain x@else.test'],
    ],
    [
      'equal to another mailbox',
      [person('a', { aliases: ['b'] }), person('b')],
      ['a', 'b'],
      [],
      ['alias-is-mailbox b'],
    ],
    [
      'claimed by two',
      [person('a', { aliases: ['x'] }), person('b', { aliases: ['X'] })],
      ['a', 'b'],
      [],
      ['alias-claimed-twice x'],
    ],
    ['claimed twice by one person is one claim', [person('a', { aliases: ['x', 'X'] })], ['a'], ['x>a'], []],
    [
      'of somebody without a mailbox is no claim',
      [person('a', { mail: undefined, aliases: ['x'] }), person('b', { aliases: ['x'] })],
      ['b'],
      ['x>b'],
      [`no-address ${dnOf('a')}`],
    ],
  ])('%s', check);

  test.each([
    ['its own address', [group('x')]],
    ['a further address', [group('team', { aliases: ['x'], members: ['a'] })]],
  ])('claimed by a person and by a group as %s is nobody’s', (_what, groups) => {
    const desired = derive([person('a', { aliases: ['x'] })], { groups });
    expect(briefly(desired)).toEqual({ mailboxes: ['a'], aliases: [], findings: ['alias-claimed-twice x'] });
    expect(desired.contested).toEqual(new Set([at('x')]));
  });
});

describe('rule 7: SMTP: in capitals', () => {
  const primary = (value: string): DirectoryEntry =>
    person('a', { attributes: { proxyaddresses: [`SMTP:${value}`] } });
  test.each<Row>([
    [
      'that differs from mail is an alias and a finding',
      [primary('x@example.test')],
      ['a'],
      ['x>a'],
      ['primary-differs x'],
    ],
    ['that equals mail is nothing', [primary('A@example.test')], ['a'], [], []],
    [
      'that two people claim is no alias and no such finding',
      [primary('x@example.test'), person('b', { aliases: ['x'] })],
      ['a', 'b'],
      [],
      ['alias-claimed-twice x'],
    ],
    [
      'beside the same value in small letters is one alias',
      [person('a', { attributes: { proxyaddresses: ['smtp:x@example.test', 'SMTP:x@example.test'] } })],
      ['a'],
      ['x>a'],
      ['primary-differs x'],
    ],
  ])('%s', check);
});

describe('rule 8: an alias leads to the mailbox and works as it does', () => {
  test.each<Row>([
    [
      'of an enabled person',
      [person('a', { aliases: ['x', 'y@other.test'] })],
      ['a'],
      ['x>a', 'y@other.test>a'],
      [],
    ],
    ['of a disabled person', [person('a', { aliases: ['x'], disabled: true })], ['a off'], ['x>a off'], []],
  ])('%s', check);

  test('of a disabled person whose mailbox goes on receiving', () => {
    const desired = derive([person('a', { aliases: ['x'], disabled: true })], { inactiveReceives: true });
    expect(briefly(desired)['aliases']).toEqual(['x>a']);
  });
});

const holding = (fields: Partial<Holding>): Holding => ({
  mailbox: undefined,
  aliases: [],
  formerAddresses: [],
  ...fields,
});

describe('who cannot be understood keeps what it holds (DESIGN.md 4.2)', () => {
  const unresolved = person('a', { mail: undefined });
  const holdings = new Map([['a', holding({ mailbox: at('anna'), aliases: [at('x')] })]]);

  test('its alias is not given to somebody else', () => {
    const desired = derive([unresolved, person('b', { aliases: ['x'] })], { holdings });
    expect(briefly(desired)).toEqual({
      mailboxes: ['b'],
      aliases: [],
      findings: ['alias-claimed-twice x', `no-address ${dnOf('a')}`],
    });
    expect(desired.frozen).toEqual(new Set(['a']));
  });

  test('its mailbox is no alias of somebody else', () => {
    const desired = derive([unresolved, person('b', { aliases: ['anna'] })], { holdings });
    expect(briefly(desired)['findings']).toEqual(['alias-is-mailbox anna', `no-address ${dnOf('a')}`]);
  });
});

describe('who is missing keeps its claims (DESIGN.md 4.1, 4.3)', () => {
  test('a newcomer with the address of a missing entry gets nothing', () => {
    const desired = derive([person('new', { mail: 'x' }), person('old', { mail: 'x' })], {
      absent: new Set(['old']),
      holdings: new Map([['old', holding({ mailbox: at('x') })]]),
    });
    expect(briefly(desired)).toEqual({
      mailboxes: [],
      aliases: [],
      findings: ['address-has-former-owner x'],
    });
    expect(desired.contested).toEqual(new Set([at('x')]));
  });

  test('two missing entries with one address stay a duplicate', () => {
    const desired = derive([person('a', { mail: 'x' }), person('b', { mail: 'x' })], {
      absent: new Set(['a', 'b']),
    });
    expect(briefly(desired)['findings']).toEqual(['duplicate-address x']);
  });

  test('an alias that a missing entry shares stays contested', () => {
    const desired = derive([person('a', { aliases: ['x'] }), person('b', { aliases: ['x'] })], {
      absent: new Set(['a']),
    });
    expect(briefly(desired)['findings']).toEqual(['alias-claimed-twice x']);
    expect(desired.contested).toEqual(new Set([at('x')]));
  });
});

describe('a former address is the weakest of claims (DESIGN.md 4.6)', () => {
  const renamed = new Map([['a', holding({ mailbox: at('new'), formerAddresses: [at('old')] })]]);
  const a = person('a', { mail: 'new' });
  test.each<[string, readonly DirectoryEntry[], readonly string[], readonly string[]]>([
    ['nobody else wants it', [a], ['old>new'], []],
    ['another person has it as an alias', [a, person('b', { aliases: ['old'] })], ['old>b'], []],
    ['another person has it as mailbox', [a, person('old')], [], []],
    [
      'it is the person’s alias by the directory',
      [person('a', { mail: 'new', aliases: ['old'] })],
      ['old>new'],
      [],
    ],
    [
      'two people contest it',
      [a, person('b', { aliases: ['old'] }), person('c', { aliases: ['old'] })],
      [],
      ['alias-claimed-twice old'],
    ],
    ['the person is disabled', [person('a', { mail: 'new', disabled: true })], ['old>new off'], []],
  ])('%s', (...[_what, people, aliases, findings]) => {
    const { aliases: found, findings: said } = briefly(derive(people, { holdings: renamed }));
    expect({ found, said }).toEqual({ found: aliases, said: findings });
  });

  test('a group has it', () => {
    expect(briefly(derive([a], { holdings: renamed, groups: [group('old')] }))['aliases']).toEqual([]);
  });

  test('an address that changes now becomes one', () => {
    const holdings = new Map([['a', holding({ mailbox: at('old') })]]);
    expect(briefly(derive([a], { holdings }))['aliases']).toEqual(['old>new']);
  });

  test('an address of another domain does not', () => {
    const holdings = new Map([['a', holding({ mailbox: 'old@other.test' })]]);
    expect(briefly(derive([a], { holdings }))['aliases']).toEqual([]);
  });

  test('a former address that has become the mailbox again does not', () => {
    const holdings = new Map([['a', holding({ mailbox: at('new'), formerAddresses: [at('old')] })]]);
    expect(briefly(derive([person('a', { mail: 'old' })], { holdings }))['aliases']).toEqual(['new>old']);
  });
});

describe('aliases only', () => {
  test('who has no mailbox in mailcow gets no aliases, and a finding when there would be some', () => {
    const people = [person('a', { aliases: ['x'] }), person('b', { aliases: ['y'] }), person('c')];
    const desired = derive(people, { hasMailbox: (address) => address === at('a') });
    expect(briefly(desired)).toEqual({ mailboxes: ['a'], aliases: ['x>a'], findings: ['no-mailbox b'] });
  });
});
