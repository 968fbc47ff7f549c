/** The story of the demo: what happens in the directory, and what mailcow must look like afterwards. */
import type { Stats } from '../../support/mailcow/stats.ts';
import {
  expectedAlias as to,
  expectedSales as sales,
  expectedBox as box,
  type ExpectedDelta,
} from './expected.ts';

export type Round = {
  /** What is to be seen here. */
  readonly note?: string;
  /** Another bind than the ordinary one. */
  readonly bind?: 'limited' | 'nothing';
  readonly exitCode?: number;
  /** How many API calls of a kind there must be; only said where that is the point. */
  readonly calls?: Partial<Pick<Stats, 'writes' | 'lists' | 'objects'>>;
  /** Show what the directory holds that needs a person to look at it. */
  readonly findings?: boolean;
};

export type Step = {
  readonly title: string;
  /** The edit in words. */
  readonly edit: string;
  /** For ldapmodify. */
  readonly ldif?: string;
  /** One plan and one sync each. */
  readonly rounds: readonly Round[];
  readonly expect?: ExpectedDelta;
};

const base = 'dc=example,dc=test';

const modify = (dn: string, change: string): string =>
  `dn: ${dn},${base}\nchangetype: modify\n${change}\n-\n`;

const developers = [
  'Karla Lang',
  'Lars Müller',
  'Mia Nowak',
  'Nils Otto',
  'Rosa Roth',
  'Sven Seidel',
  'Tina Thoma',
].map((name) => `cn=${name},ou=Development`);

const categoryOfDevelopers = (value: string): string =>
  developers.map((dn) => modify(dn, `replace: objectCategory\nobjectCategory: ${value}`)).join('\n');

const emil = `dn: cn=Emil Neumann,ou=Sales,${base}
changetype: add
objectClass: inetOrgPerson
objectClass: user
cn: Emil Neumann
sn: Neumann
displayName: Emil Neumann
mail: emil.neumann@example.test
proxyAddresses: SMTP:emil.neumann@example.test
proxyAddresses: smtp:emil@example.test
proxyAddresses: smtp:emil@other.test
userAccountControl: 512
objectCategory: person
`;

export const steps: readonly Step[] = [
  {
    title: 'The first sync',
    edit: 'nothing yet: mailcow has two empty domains, the directory 29 people',
    rounds: [{ findings: true }],
  },
  {
    title: 'The second sync',
    edit: 'nothing has changed',
    rounds: [
      {
        note: 'No call that writes, and none that reads a list.',
        calls: { writes: 0, lists: 0, objects: 0 },
      },
    ],
  },
  {
    title: 'Somebody joins',
    edit: 'add cn=Emil Neumann,ou=Sales with an address and two aliases',
    ldif: emil,
    rounds: [{}],
    expect: {
      mailboxes: { 'emil.neumann@example.test': box('Emil Neumann') },
      aliases: {
        'emil@example.test': to('emil.neumann@example.test'),
        'emil@other.test': to('emil.neumann@example.test'),
      },
    },
  },
  {
    title: 'Somebody leaves',
    edit: 'delete cn=Bernd Conrad,ou=Management',
    ldif: `dn: cn=Bernd Conrad,ou=Management,${base}\nchangetype: delete\n`,
    rounds: [
      {
        note: 'Missing once proves nothing: he must be missing in two complete readings.',
        calls: { writes: 0 },
      },
      { note: 'Missing twice: deactivated, not deleted; the mail stays.' },
    ],
    expect: {
      mailboxes: { 'bernd.conrad@example.test': box('Bernd Conrad', { quotaMiB: 10240, active: 0 }) },
      aliases: { 'b.conrad@example.test': to('bernd.conrad@example.test', 0) },
    },
  },
  {
    title: 'Somebody changes her name',
    edit: 'cn=Greta Haas: displayName becomes Greta Haas-Vogel',
    ldif: modify('cn=Greta Haas,ou=Sales', 'replace: displayName\ndisplayName: Greta Haas-Vogel'),
    rounds: [{}],
    expect: { mailboxes: { 'greta.haas@example.test': box('Greta Haas-Vogel') } },
  },
  {
    title: '… and then her address',
    edit: 'cn=Greta Haas: mail becomes greta.haas-vogel@example.test',
    ldif: modify('cn=Greta Haas,ou=Sales', 'replace: mail\nmail: greta.haas-vogel@example.test'),
    rounds: [{ note: 'The mailbox is renamed with its mail; the old address stays as an alias.' }],
    expect: {
      mailboxes: {
        'greta.haas@example.test': 'gone',
        'greta.haas-vogel@example.test': box('Greta Haas-Vogel'),
      },
      aliases: {
        'greta.haas@example.test': to('greta.haas-vogel@example.test'),
        'sales@example.test': sales('greta.haas-vogel@example.test'),
        'greta@example.test': to('greta.haas-vogel@example.test'),
      },
    },
  },
  {
    title: 'Somebody moves to another unit',
    edit: 'cn=Paul Quandt moves from ou=Development to ou=Büro\\, Köln',
    ldif: `dn: cn=Paul Quandt,ou=Development,${base}
changetype: modrdn
newrdn: cn=Paul Quandt
deleteoldrdn: 0
newsuperior: ou=Büro\\, Köln,${base}
`,
    rounds: [
      { note: 'A person is known by the directory id, not by the DN: nothing to do.', calls: { writes: 0 } },
    ],
  },
  {
    title: 'An alias passes from one person to another',
    edit: 'office@example.test: from Clara Dorn to Anna Berger',
    ldif: [
      modify(
        'cn=Clara Dorn,ou=Management',
        'delete: proxyAddresses\nproxyAddresses: smtp:office@example.test',
      ),
      modify('cn=Anna Berger,ou=Management', 'add: proxyAddresses\nproxyAddresses: smtp:office@example.test'),
    ].join('\n'),
    rounds: [{}],
    expect: { aliases: { 'office@example.test': to('anna.berger@example.test') } },
  },
  {
    title: 'Somebody is disabled',
    edit: 'cn=Karla Lang: userAccountControl 514',
    ldif: modify('cn=Karla Lang,ou=Development', 'replace: userAccountControl\nuserAccountControl: 514'),
    rounds: [{ note: 'Said by the directory itself, so it acts at once.' }],
    expect: {
      mailboxes: { 'karla.lang@example.test': box('Karla Lang', { active: 0 }) },
      aliases: {
        'karla@example.test': to('karla.lang@example.test', 0),
        'karla@other.test': to('karla.lang@example.test', 0),
      },
    },
  },
  {
    title: '… and enabled again',
    edit: 'cn=Karla Lang: userAccountControl 512',
    ldif: modify('cn=Karla Lang,ou=Development', 'replace: userAccountControl\nuserAccountControl: 512'),
    rounds: [{}],
    expect: {
      mailboxes: { 'karla.lang@example.test': box('Karla Lang') },
      aliases: {
        'karla@example.test': to('karla.lang@example.test'),
        'karla@other.test': to('karla.lang@example.test'),
      },
    },
  },
  {
    title: 'The directory tells less than the truth',
    edit: 'nothing; but the bind user runs into a size limit, then loses all rights',
    rounds: [
      {
        bind: 'limited',
        note: 'Cut short by the server (bind cn=limited):',
        exitCode: 1,
        calls: { writes: 0 },
      },
      { bind: 'nothing', note: 'Nobody to be seen (bind cn=nothing):', exitCode: 1, calls: { writes: 0 } },
      { note: 'With the ordinary bind again:', calls: { writes: 0 } },
    ],
  },
  {
    title: 'Too many leave at once',
    edit: `a script spoils objectCategory of ${developers.length} people, so that the filter misses them`,
    ldif: categoryOfDevelopers('oops'),
    rounds: [
      { calls: { writes: 0 } },
      {
        note: 'Missing twice, but too many: held back for a person to decide.',
        exitCode: 3,
        calls: { writes: 0 },
      },
    ],
  },
  {
    title: '… by mistake, as it turns out',
    edit: 'objectCategory is mended',
    ldif: categoryOfDevelopers('person'),
    rounds: [{ note: 'They are back, and nothing has happened to them.', calls: { writes: 0 } }],
  },
];
