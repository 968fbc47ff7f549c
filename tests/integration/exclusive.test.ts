/** Domains of ours on a real directory: what it does not know goes, and an empty domain that nobody asks for. */
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectUntouched, secrets, syncWell, withWorld, type World } from './world.ts';

const pupil = (name: string, domain = 'school.test'): string => `dn: cn=${name},dc=example,dc=test
objectClass: inetOrgPerson
cn: ${name}
sn: ${name}
employeeType: pupil
mail: ${name}@${domain}
`;
const pupils = [pupil('anna'), pupil('ben'), pupil('cleo')].join('\n');
const leaving = (name: string): string => `dn: cn=${name},dc=example,dc=test\nchangetype: delete\n`;

const settings = {
  MANAGE_DOMAINS: 'true',
  DOMAIN_POLICY: 'exclusive',
  LDAP_FILTER: '(employeeType=pupil)',
  API_QUOTA: '500',
};

/** A call of an administrator's, past the program. */
async function byHand({ mailcow }: World, route: string, body: unknown): Promise<void> {
  const reply = await fetch(`${mailcow.url}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'X-API-Key': secrets.apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  if (!text.includes('"success"')) throw new Error(`${route}: ${text}`);
}

const password = { password: 'Of-Somebody-Else-1', password2: 'Of-Somebody-Else-1' };
const addMailbox = (world: World, local: string, tags: readonly string[] = []): Promise<void> =>
  byHand(world, 'add/mailbox', {
    ...{ local_part: local, domain: 'school.test', name: local, quota: '100', active: '1', ...password },
    ...(tags.length > 0 && { tags }),
  });
const addAlias = (world: World, address: string): Promise<void> =>
  byHand(world, 'add/alias', { address, goto: 'anna@school.test', active: '1' });

/** Addresses of school.test that work. */
function working({ mailcow }: World): readonly string[] {
  const { mailboxes, aliases } = mailcow.store.snapshot();
  return [
    ...mailboxes.filter(({ active }) => active === 1).map(({ username }) => username),
    ...aliases.filter(({ active }) => active === 1).map(({ address }) => address),
  ]
    .filter((address) => address.endsWith('@school.test'))
    .map((address) => address.replace('@school.test', ''))
    .sort();
}

/** What was counted as absent until now was so a day earlier. */
function passDay({ stateFile }: World): void {
  const db = new Database(stateFile);
  db.exec(`UPDATE snapshot SET
    missing_since = strftime('%Y-%m-%dT%H:%M:%fZ', missing_since, '-1 day'),
    counted_at = strftime('%Y-%m-%dT%H:%M:%fZ', counted_at, '-1 day'),
    counted_uptime = NULL,
    missing_day = date(missing_day, '-1 day')`);
  db.close();
}

describe('LDAP_MAILCOW_DOMAIN_POLICY=exclusive', () => {
  const strangers = async (world: World): Promise<void> => {
    await addMailbox(world, 'unknown');
    await addMailbox(world, 'kept', ['ldap-keep']);
    await addMailbox(world, 'listed');
    await addAlias(world, 'info@school.test');
    await addAlias(world, 'postmaster@school.test');
    await addAlias(world, '@school.test');
  };
  const protecting = { ...settings, PROTECTED: 'listed@school.test' };
  const known = ['anna', 'ben', 'cleo', 'kept', 'listed'];

  test('takes away what nobody knows after its grace, and nothing else', async () => {
    await withWorld({ text: pupils }, async (world) => {
      const shared = { ...protecting, DOMAIN_POLICY: 'shared' };
      await syncWell(world, shared);
      await strangers(world);
      for (let round = 0; round < 3; round++) {
        await expectUntouched(world, () => world.run(['sync', '--full'], shared));
      }
      const all = ['', ...known, 'info', 'postmaster', 'unknown'].sort();
      expect(working(world)).toEqual(all);
      await expectUntouched(world, () => syncWell(world, protecting));
      const { stdout } = await expectUntouched(world, () => world.run(['plan'], protecting));
      expect(stdout).toMatch(/deactivate mailbox unknown@school\.test.*the directory does not know it since/);
      await syncWell(world, protecting);
      expect(working(world)).toEqual(['', ...known, 'postmaster'].sort());
      await expectUntouched(world, () => syncWell(world, protecting));
      await expectUntouched(world, () => world.run(['sync', '--full'], protecting));
    });
  });

  test('gives a mailbox to who comes and asks for it, and deletes one that stayed unknown', async () => {
    await withWorld({ text: pupils }, async (world) => {
      await syncWell(world, settings);
      await addMailbox(world, 'dora');
      await addMailbox(world, 'unknown');
      for (let round = 0; round < 2; round++) await world.run(['sync', '--full'], settings);
      expect(working(world)).toEqual(['anna', 'ben', 'cleo']);
      await world.slapd.modify(pupil('dora').replace('\n', '\nchangetype: add\n'));
      for (let round = 0; round < 2; round++) await syncWell(world, settings);
      expect(working(world)).toEqual(['anna', 'ben', 'cleo', 'dora']);
      passDay(world);
      await syncWell(world, { ...settings, DELETE_AFTER_DAYS: '1' });
      const { mailboxes } = world.mailcow.store.snapshot();
      expect(mailboxes.map(({ username }) => username)).not.toContain('unknown@school.test');
      expect(working(world)).toEqual(['anna', 'ben', 'cleo', 'dora']);
    });
  });

  test('takes nothing away when the directory is suddenly empty', async () => {
    await withWorld({ text: pupils }, async (world) => {
      await syncWell(world, settings);
      await addMailbox(world, 'unknown');
      await world.run(['sync', '--full'], settings);
      await world.slapd.modify(['anna', 'ben', 'cleo'].map(leaving).join('\n'));
      await expectUntouched(world, async () => {
        for (let round = 0; round < 4; round++) {
          expect((await world.run(['sync', '--full'], settings)).code).toBe(1);
        }
      });
    });
  });
});

describe('a domain that nobody asks for any more', () => {
  const deleting = { ...settings, DOMAIN_POLICY: 'shared', DELETE_AFTER_DAYS: '2' };
  const names = ({ mailcow }: World): readonly string[] =>
    mailcow.store
      .snapshot()
      .domains.map(({ domain }) => domain)
      .filter((name) => name !== 'example.test' && name !== 'other.test')
      .sort();

  test('is deleted days after its last mailbox, and comes again with who asks for it', async () => {
    await withWorld({ text: `${pupils}\n${pupil('kim', 'old.test')}` }, async (world) => {
      await syncWell(world, deleting);
      expect(names(world)).toEqual(['old.test', 'school.test']);
      await world.slapd.modify(leaving('kim'));
      const left: boolean[] = [];
      for (let day = 0; day < 8; day++) {
        await syncWell(world, deleting);
        left.push(names(world).includes('old.test'));
        passDay(world);
      }
      expect(left).toEqual([true, true, true, false, false, false, false, false]);
      expect(world.mailcow.writes.filter(({ route }) => route === 'delete/domain')).toHaveLength(1);
      await world.slapd.modify(pupil('kim', 'old.test').replace('\n', '\nchangetype: add\n'));
      await syncWell(world, deleting);
      expect(names(world)).toEqual(['old.test', 'school.test']);
    });
  });

  test('stays for as long as an alias domain, or anything that is not ours, depends on it', async () => {
    await withWorld({ text: `${pupils}\n${pupil('kim', 'old.test')}` }, async (world) => {
      await syncWell(world, deleting);
      await byHand(world, 'add/alias-domain', {
        alias_domain: 'also-old.test',
        target_domain: 'old.test',
        active: 1,
      });
      await addAlias(world, 'info@old.test');
      await world.slapd.modify(leaving('kim'));
      for (let day = 0; day < 6; day++) {
        await world.run(['sync', '--full'], deleting);
        passDay(world);
      }
      expect(names(world)).toEqual(['old.test', 'school.test']);
      const { aliases } = world.mailcow.store.snapshot();
      const info = aliases.find(({ address }) => address === 'info@old.test');
      await byHand(world, 'delete/alias', [String(info?.id)]);
      const { code, stderr } = await world.run(['sync', '--full'], deleting);
      expect({ code, says: stderr.includes('the alias domain also-old.test leads to it') }).toEqual({
        code: 4,
        says: true,
      });
      expect(names(world)).toEqual(['old.test', 'school.test']);
    });
  });
});
