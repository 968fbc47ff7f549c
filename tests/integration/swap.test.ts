/** The swap of the image: each older tool's own environment and left-overs end in nothing but adoptions. */
import { describe, expect, test } from '@jest/globals';
import { parse } from 'dotenv';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importConfig } from '../../src/config/old-config.ts';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { writeMyOmikronFile, writeTypeOrmFile, writeUsersFile } from '../support/older-files.ts';
import {
  lazyGatto,
  lazyGattoAliases,
  linuxmuster,
  programmierus,
  rinkp,
  type Environment,
  type Place,
} from '../support/predecessor-environments.ts';
import { classOf, pupil, schoolBase } from './school-people.ts';
import {
  accountControl,
  company,
  expectAdoptions,
  oldAlias,
  oldMailbox,
  withSwap,
  type Swap,
  type SwapOptions,
} from './swap.ts';

/** What its config.json becomes. */
function environmentOfMyOmikron({ uri, baseDn, bindDn, bindPassword, apiHost, apiKey }: Place): Environment {
  const user_mapping = {
    mail: 'mail',
    firstname: 'cn',
    lastname: 'sn',
    password: 'userPassword',
    active: '',
  };
  const config = {
    ldap: {
      uri,
      allow_self_signed: false,
      bind_dn: bindDn,
      bind_pw: bindPassword,
      user_search_base: baseDn,
      user_search_filter: '(objectClass=user)',
      user_mapping: { ...user_mapping, tls_enforce_in: '', tls_enforce_out: '' },
    },
    mailcow_host: apiHost,
    mailcow_api_key: apiKey,
  };
  const imported = importConfig(JSON.stringify(config));
  if ('problem' in imported) throw new Error(imported.problem);
  return parse(imported.text);
}

const mailboxOf = ({ mailcow }: Swap, address: string) =>
  mailcow.store.snapshot().mailboxes.find(({ username }) => username === address);
const aliasOf = ({ mailcow }: Swap, wanted: string) =>
  mailcow.store.snapshot().aliases.find(({ address }) => address === wanted);

const on = (email: string) => ({ email, active: 1 });
const off = (email: string) => ({ email, active: 0 });

const ofProgrammierus: SwapOptions = {
  environment: programmierus,
  state: {
    mailboxes: [
      oldMailbox('anna@example.test', 'Anna Berger'),
      oldMailbox('bert@example.test', 'Bert Conrad', { active: 0 }),
      oldMailbox('cora@example.test', 'Cora Dorn'),
      oldMailbox('dora@example.test', 'Dora who has just left'),
      oldMailbox('emil@example.test', 'Emil who left long ago', { active: 0 }),
      oldMailbox('printer@example.test', 'Made by hand'),
    ],
  },
  leave: ({ db }) => {
    const left = [on('dora@example.test'), off('emil@example.test')];
    writeUsersFile(db, [on('anna@example.test'), off('bert@example.test'), on('cora@example.test'), ...left]);
  },
};

describe('Programmierus', () => {
  const people = ['anna@example.test', 'bert@example.test', 'cora@example.test', 'dora@example.test'];

  test('the swap ends in nothing but adoptions; its file is kept', async () => {
    await withSwap(ofProgrammierus, async (swap) => {
      const check = await swap.run('check');
      expect(check.stdout).toContain('this environment is that of Programmierus/ldap-mailcow');
      expect(check.stdout).toContain(`${swap.db} is the file of an older tool (5 mailboxes and 0 aliases)`);
      expect(check.code).toBe(0);
      await expectAdoptions(swap, { mailboxes: people });
      expect(existsSync(`${swap.db}.before-import`)).toBe(true);
      expect(mailboxOf(swap, 'printer@example.test')?.tags).toEqual([]);
      expect(mailboxOf(swap, 'emil@example.test')?.tags).toEqual([]);
    });
  });

  test('a plan before the swap changes nothing, not even the file', async () => {
    await withSwap(ofProgrammierus, async (swap) => {
      await swap.run('plan');
      expect(existsSync(`${swap.db}.before-import`)).toBe(false);
      expect(swap.mailcow.writes).toEqual([]);
    });
  });

  test('whom the old tool had deactivated is activated when the directory does', async () => {
    await withSwap(ofProgrammierus, async (swap) => {
      await swap.syncWell();
      await swap.slapd.modify(accountControl('Bert Conrad', '512'));
      await swap.syncWell();
      expect(mailboxOf(swap, 'bert@example.test')).toMatchObject({ active: 1 });
    });
  });

  test('who left meanwhile has grace, and is deactivated only after approval', async () => {
    await withSwap(ofProgrammierus, async (swap) => {
      await swap.syncWell();
      await swap.syncWell();
      await swap.syncWell();
      const { code, stderr } = await swap.run('sync');
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/held back: .*adopted/) });
      expect(mailboxOf(swap, 'dora@example.test')).toMatchObject({ active: 1 });
      const id = /ldap-mailcow approve (\w+)/.exec(stderr)?.[1] ?? '';
      expect(await swap.run('approve', id)).toMatchObject({ code: 0 });
      await swap.syncWell();
      expect(mailboxOf(swap, 'dora@example.test')).toMatchObject({ active: 0 });
    });
  });

  test('who comes back under the address has the mailbox again', async () => {
    await withSwap(ofProgrammierus, async (swap) => {
      await swap.syncWell();
      await swap.slapd.modify(
        'dn: cn=Dora,dc=example,dc=test\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: user\nobjectCategory: person\ncn: Dora\nsn: Dora\nuserPrincipalName: dora@example.test\nuserAccountControl: 512\n',
      );
      await swap.syncWell();
      const tags = mailboxOf(swap, 'dora@example.test')?.tags ?? [];
      expect(tags.filter((tag) => tag.startsWith('ldap-mailcow:'))).toHaveLength(1);
      expect(tags.join()).not.toContain('imported');
    });
  });
});

describe('rinkp', () => {
  test('the swap ends in nothing but adoptions; 2 is how leavers are left', async () => {
    const quota = { quota: '256' };
    const users = [
      on('anna.berger@example.test'),
      { email: 'bert.conrad@example.test', active: 2 },
      on('cora.dorn@example.test'),
    ];
    const options: SwapOptions = {
      environment: rinkp,
      state: {
        mailboxes: [
          oldMailbox('anna.berger@example.test', 'Anna Berger (anna)', quota),
          oldMailbox('bert.conrad@example.test', 'Bert Conrad (bert)', { ...quota, active: 2 }),
          oldMailbox('cora.dorn@example.test', 'Cora Dorn (cora)', quota),
        ],
      },
      leave: ({ db }) => {
        writeTypeOrmFile(db, users);
      },
    };
    await withSwap(options, async (swap) => {
      await expectAdoptions(swap, { mailboxes: users.map(({ email }) => email) });
      await swap.slapd.modify(
        accountControl('Anna Berger', '514') + '\n' + accountControl('Bert Conrad', '512'),
      );
      await swap.run('sync');
      expect(mailboxOf(swap, 'bert.conrad@example.test')).toMatchObject({ active: 1 });
      expect(mailboxOf(swap, 'cora.dorn@example.test')).toMatchObject({ active: 1 });
    });
  });
});

const mailboxesOfLazyGatto = [
  oldMailbox('anna.berger@example.test', 'Anna Berger (anna)', { quota: '3072' }),
  oldMailbox('bert.conrad@example.test', 'Bert Conrad (bert)', { quota: '3072', active: 0 }),
  oldMailbox('cora.dorn@example.test', 'Cora Dorn (cora)', { quota: '3072' }),
];
const office = 'anna.berger@example.test,cora.dorn@example.test,carl@outside.invalid';
const aliasesOfLazyGatto = [
  oldAlias('boss@example.test', 'anna.berger@example.test'),
  oldAlias('b.conrad@example.test', 'bert.conrad@example.test', false),
  oldAlias('office@example.test', office),
];
const rowsOfLazyGatto = [
  { address: 'boss@example.test', goto: 'anna.berger@example.test', active: 1 },
  { address: 'b.conrad@example.test', goto: 'bert.conrad@example.test', active: 0 },
  { address: 'office@example.test', goto: office, active: 1 },
];
const everyAlias = rowsOfLazyGatto.map(({ address }) => address);

describe('LazyGatto with mailboxes', () => {
  const options: SwapOptions = {
    environment: lazyGatto,
    state: { mailboxes: mailboxesOfLazyGatto, aliases: aliasesOfLazyGatto },
    leave: ({ db }) => {
      const users = [
        on('anna.berger@example.test'),
        off('bert.conrad@example.test'),
        on('cora.dorn@example.test'),
      ];
      writeUsersFile(db, users, rowsOfLazyGatto);
    },
  };

  test('the swap ends in nothing but adoptions; the flags of its aliases stay', async () => {
    await withSwap(options, async (swap) => {
      const mailboxes = ['anna.berger@example.test', 'bert.conrad@example.test', 'cora.dorn@example.test'];
      await expectAdoptions(swap, { mailboxes, aliases: everyAlias });
      expect(aliasOf(swap, 'office@example.test')).toMatchObject({ senderAllowed: 0, sogoVisible: 1 });
      await swap.slapd.modify(accountControl('Bert Conrad', '512'));
      await swap.syncWell();
      expect(mailboxOf(swap, 'bert.conrad@example.test')).toMatchObject({ active: 1 });
      expect(aliasOf(swap, 'b.conrad@example.test')).toMatchObject({ active: 1, senderAllowed: 0 });
    });
  });

  test('a list with a disabled member, as the tool made it, is adopted first and put right then', async () => {
    await withSwap(options, async (swap) => {
      await swap.slapd.modify(accountControl('Cora Dorn', '514'));
      const { stdout } = await swap.run('plan', '--json');
      expect(stdout).toMatch(/"adopt".*office@example\.test|office@example\.test.*"adopt"/s);
      await swap.syncWell();
      // Her mailbox was adopted, so that its deactivation waits for an approval.
      expect(await swap.run('sync')).toMatchObject({ code: 3 });
      expect(aliasOf(swap, 'office@example.test')?.goto.split(',').sort()).toEqual([
        'anna.berger@example.test',
        'carl@outside.invalid',
      ]);
    });
  });
});

describe('myOmikron', () => {
  test('import-config and its mailcow.sqlite3 end in nothing but adoptions', async () => {
    const people = ['anna.berger', 'bert.conrad', 'cora.dorn'].map((name) => `${name}@example.test`);
    const names = ['Anna Berger', 'Bert Conrad', 'Cora Dorn'];
    const flags = { quota: '0', force_pw_update: '0', tls_enforce_in: '1', tls_enforce_out: '1' };
    const options: SwapOptions = {
      environment: environmentOfMyOmikron,
      // The tool read the hashes, so its account may.
      directory: {
        text: company,
        extraAcl: ['access to attrs=userPassword by users read by anonymous auth'],
      },
      // First and last name, of a company that has only sn and cn.
      state: {
        mailboxes: people.map((address, at) => oldMailbox(address, `${names[at]} ${names[at]}`, flags)),
      },
      leave: ({ folder }) => {
        const rows = people.map((mail, at) => ({
          uid: `cn=${names[at]},dc=example,dc=test`,
          mail,
          active: '1',
        }));
        writeMyOmikronFile(join(folder, 'mailcow.sqlite3'), rows);
      },
    };
    await withSwap(options, async (swap) => {
      // The hashes follow, as that tool sent them too.
      const later = people.map(() => 'edit/mailbox');
      await expectAdoptions(swap, { mailboxes: people, later });
      expect(existsSync(join(swap.folder, 'mailcow.sqlite3'))).toBe(true);
    });
  });
});

describe('LazyGatto for aliases only', () => {
  const options: SwapOptions = {
    environment: lazyGattoAliases,
    state: { mailboxes: mailboxesOfLazyGatto, aliases: aliasesOfLazyGatto },
    leave: ({ db }) => {
      writeUsersFile(db, [], rowsOfLazyGatto);
    },
  };

  test('the swap ends in nothing but adoptions of aliases; no mailbox is touched', async () => {
    await withSwap(options, async (swap) => {
      const { mailboxes } = swap.mailcow.store.snapshot();
      await expectAdoptions(swap, { mailboxes: [], aliases: everyAlias });
      expect(swap.mailcow.store.snapshot().mailboxes).toEqual(mailboxes);
      expect((await swap.run('plan')).stderr).toContain('LazyGatto/custommailcow-ldap (aliases only)');
    });
  });

  test('the alias of a group that is gone is removed after its grace', async () => {
    await withSwap(options, async (swap) => {
      await swap.syncWell();
      await swap.slapd.modify('dn: cn=Office,dc=example,dc=test\nchangetype: delete\n');
      await swap.slapd.modify(
        'dn: cn=Other,dc=example,dc=test\nchangetype: add\nobjectClass: group\ncn: Other\nmail: other@example.test\nmember: cn=Anna Berger,dc=example,dc=test\n',
      );
      await swap.syncWell();
      await swap.syncWell();
      expect(aliasOf(swap, 'office@example.test')).toBeUndefined();
    });
  });

  // Of LazyGatto: DISABLE_DELETED_USERS did nothing on a new installation, since nothing filled the table of users.
  test('DISABLE_DELETED_USERS works on a fresh install too: only then mailboxes are marked', async () => {
    const disabling: SwapOptions = {
      ...options,
      environment: (place) => ({ ...lazyGattoAliases(place), LDAP_MAILCOW_DISABLE_DELETED_USERS: 'true' }),
    };
    await withSwap(disabling, async (swap) => {
      await swap.syncWell();
      await swap.slapd.modify('dn: cn=Cora Dorn,dc=example,dc=test\nchangetype: delete\n');
      await swap.run('sync');
      const { code, stderr } = await swap.run('sync');
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/deactivate mailbox cora/) });
      const id = /ldap-mailcow approve (\w+)/.exec(stderr)?.[1] ?? '';
      await swap.run('approve', id);
      await swap.run('sync');
      expect(mailboxOf(swap, 'cora.dorn@example.test')).toMatchObject({ active: 0 });
      expect(mailboxOf(swap, 'anna.berger@example.test')).toMatchObject({
        active: 1,
        name: 'Anna Berger (anna)',
      });
    });
  });
});

/** As its source makes them; it keeps no file. */
const ofLinuxmuster: SwapOptions = {
  environment: (place) => ({ ...linuxmuster(place), LINUXMUSTER_MAILCOW_API_URI: place.apiHost }),
  directory: {
    text: [
      schoolBase,
      pupil('anna', { alias: 'anna.lang', plain: 'yes' }),
      pupil('ben'),
      classOf('10a', 'anna', 'ben'),
    ].join(''),
    schema: ['tests/support/adlike.schema', 'tests/fixtures/ldif/sophomorix.schema'],
  },
  state: {
    domains: [
      {
        domain: 'school.test',
        description: '#### managed by linuxmuster ####',
        defquota: 1,
        maxquota: '20000',
        quota: '20000',
        mailboxes: 10_000,
        aliases: 10_000,
        gal: 1,
        active: 1,
      },
      roomyDomain('by-hand.test'),
    ],
    mailboxes: [
      oldMailbox('anna@school.test', 'ANNA', { quota: '500' }),
      oldMailbox('ben@school.test', 'BEN', { quota: '500' }),
      oldMailbox('dora@school.test', 'Dora who has just left', { quota: '500' }),
      oldMailbox('10a@school.test', '10a (list)', { quota: 1 }),
      oldMailbox('printer@by-hand.test', 'Made by hand'),
    ],
    aliases: [oldAlias('anna.lang@school.test', 'anna@school.test')],
    filters: [
      {
        active: 1,
        username: '10a@school.test',
        filter_type: 'prefilter',
        script_data:
          '### Auto-generated mailinglist filter by linuxmuster ###\r\n\r\nrequire "copy";\r\n\r\nredirect :copy "anna@school.test";\r\nredirect :copy "ben@school.test";\r\n\r\ndiscard;stop;',
        script_desc: 'Auto-generated mailinglist filter for 10a@school.test',
      },
    ],
  },
  leave: () => undefined,
};

describe('linuxmuster-mailcow', () => {
  test('adopts people, lists and aliases; domain and filter stay as they are', async () => {
    await withSwap(ofLinuxmuster, async (swap) => {
      const { domains, filters } = swap.mailcow.store.snapshot();
      const mailboxes = ['anna@school.test', 'ben@school.test', '10a@school.test'];
      const { stdout } = await swap.run('plan', '--json');
      const { changes, held } = JSON.parse(stdout) as { changes: { kind: string }[]; held: unknown[] };
      expect([new Set(changes.map(({ kind }) => kind)), held]).toEqual([new Set(['adopt']), []]);
      expect(changes).toHaveLength(mailboxes.length + 1);
      await swap.syncWell();
      const after = swap.mailcow.store.snapshot();
      expect([after.filters, after.domains]).toEqual([filters, domains]);
      for (const address of mailboxes) expect(mailboxOf(swap, address)).toMatchObject({ active: 1 });
      expect(aliasOf(swap, 'anna.lang@school.test')).toMatchObject({ senderAllowed: 0, active: 1 });
    });
  });

  test('deactivates who left before, where that tool deleted; and nothing in a domain made by hand', async () => {
    await withSwap(ofLinuxmuster, async (swap) => {
      await swap.syncWell();
      expect(mailboxOf(swap, 'dora@school.test')).toMatchObject({ active: 1 });
      await swap.syncWell();
      await swap.syncWell();
      expect(mailboxOf(swap, 'dora@school.test')).toMatchObject({ active: 0 });
      expect(mailboxOf(swap, 'printer@by-hand.test')).toMatchObject({ active: 1 });
    });
  });
});
