/** Many tasks at once, and ns8's configuration, as an administrator types it: mailcow's stand-in, and a real IMAP server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { envFile, run, temporaryFolder, type Printed } from './program.ts';

const folder = temporaryFolder();
type World = { readonly standIn: MailcowStandIn; readonly mail: MailServer; readonly env: string };
const world: { current?: World } = {};
const here = (): World => {
  if (world.current === undefined) throw new Error('not started');
  return world.current;
};

const secrets = { anna: 'never-shown-4711', bert: 'never,"shown"-4712', wrong: 'never-shown-4713' };

async function addMailbox(standIn: MailcowStandIn, local_part: string): Promise<void> {
  const mailbox = { local_part, domain: 'example.test', name: local_part, quota: 10, active: 1 };
  await fetch(`${standIn.url}/api/v1/add/mailbox`, {
    method: 'POST',
    headers: { 'X-API-Key': standIn.apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...mailbox, password: 'x-Y-z-1234', password2: 'x-Y-z-1234' }),
  });
}

beforeAll(async () => {
  const standIn = await startMailcow();
  for (const name of ['anna', 'bert', 'carl']) await addMailbox(standIn, name);
  const mail = await startMailServer({ users: { anna: secrets.anna, bert: secrets.bert } });
  const env = envFile(folder.path, {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=reader',
    LDAP_BIND_DN_PASSWORD: 'bind-password',
    API_HOST: standIn.url,
    API_KEY: standIn.apiKey,
    LOG_LEVEL: 'debug',
    DB: join(folder.path, 'state', 'ldap-mailcow.sqlite'),
  });
  world.current = { standIn, mail, env };
});
afterAll(async () => {
  await here().mail.close();
  await here().standIn.close();
  folder.remove();
});
beforeEach(() => {
  here().standIn.store.tables.syncJobs.clear();
});

async function imapsync(...words: readonly string[]): Promise<Printed> {
  const printed = await run('imapsync', ...words, '--env', here().env);
  for (const secret of Object.values(secrets)) expect(printed.out + printed.err).not.toContain(secret);
  return printed;
}

const rows = (): readonly object[] => [...here().standIn.store.tables.syncJobs.values()];

const header = 'localusername,remoteusername,remotepassword,remotehostname,remoteport,security';
const rowOf = (user: 'anna' | 'bert', password = secrets[user]): string =>
  `${user},${user},"${password.replaceAll('"', '""')}",127.0.0.1,${here().mail.imapsPort},ssl`;

function csv(...lines: readonly string[]): string {
  const path = join(mkdtempSync(join(folder.path, 'csv-')), 'users.csv');
  writeFileSync(path, `\uFEFF${[header, ...lines].join('\r\n')}\r\n`);
  return path;
}

describe('import-csv-tasks', () => {
  test('makes a task of each row; a second time it does nothing', async () => {
    const file = csv(rowOf('anna'), '', rowOf('bert'));
    expect(await imapsync('import-csv-tasks', file)).toMatchObject({ code: 0, out: '2 created, 0 failed\n' });
    expect(rows()).toMatchObject([
      { username: 'anna@example.test', password1: secrets.anna, enc1: 'SSL' },
      { username: 'bert@example.test', password1: secrets.bert },
    ]);
    const listed = JSON.parse((await imapsync('list-tasks')).out) as { user_properties: object[] };
    expect(listed.user_properties[0]).toMatchObject({
      task_id: expect.stringMatching(/^[a-z0-9]{6}$/),
      cron: '',
      foldersynchronization: 'all',
    });
    const before = rows();
    const again = await imapsync('import-csv-tasks', file);
    expect(again).toMatchObject({ code: 0, out: '0 created, 0 failed, 2 skipped\n' });
    expect(again.err).toMatch(/^line 4: bert from bert at 127.0.0.1: skipped: it is the task \w{6} already/m);
    expect(rows()).toEqual(before);
  });

  test('a refused row has its line, its account and a reason, and the others go on', async () => {
    const bad = rowOf('anna').replace(/,\d+,ssl/, ',imaps,ssl');
    const ghost = rowOf('anna').replace('anna,', 'ghost,');
    const printed = await imapsync('import-csv-tasks', csv(bad, ghost, rowOf('bert'), rowOf('bert')));
    expect(printed).toMatchObject({ code: 1, out: '1 created, 2 failed, 1 skipped\n' });
    expect(printed.err).toMatch(/^line 2: anna from anna at 127.0.0.1: refused: remoteport must be a whole/m);
    expect(printed.err).toMatch(/^line 3: ghost from anna at 127.0.0.1: refused: there is no mailbox ghost/m);
    expect(printed.err).toMatch(/^line 5: .*: skipped: the same account as line 4$/m);
    expect(rows()).toMatchObject([{ username: 'bert@example.test' }]);
  });

  test('--update gives a task its new password and keeps its options', async () => {
    const input = { localuser: 'anna', remoteusername: 'anna', remotehostname: '127.0.0.1', remoteport: here().mail.imapsPort, remotepassword: secrets.anna, security: 'ssl', delete_local: true, delete_remote: false, exclude: '^Junk$', cron: '2h', foldersynchronization: 'exclusion', task_id: 'mine' }; // prettier-ignore
    const data = join(folder.path, 'task.json');
    writeFileSync(data, JSON.stringify(input));
    expect((await imapsync('create-task', '--data', `@${data}`)).code).toBe(0);
    const [before] = here().standIn.store.tables.syncJobs.values();
    if (before === undefined) throw new Error('no job');
    here().standIn.store.tables.syncJobs.set(before.id, { ...before, password1: 'older-4714' });
    const plain = rowOf('anna').replace(/,\d+,ssl/, `,${here().mail.imapPort},tls`);
    const printed = await imapsync('import-csv-tasks', '-u', csv(plain));
    expect(printed).toMatchObject({ code: 0, out: '0 created, 0 failed, 1 updated\n' });
    expect(rows()).toMatchObject([
      {
        id: before.id,
        password1: secrets.anna,
        port1: here().mail.imapPort,
        enc1: 'TLS',
        flags: before.flags,
        exclude: before.exclude,
        minsInterval: 120,
        customParams: before.customParams,
      },
    ]);
  });

  test('a password that the other server refuses makes no task, and changes none', async () => {
    const wrong = csv(rowOf('anna', secrets.wrong), rowOf('bert'));
    const printed = await imapsync('import-csv-tasks', wrong);
    expect(printed).toMatchObject({ code: 1, out: '1 created, 1 failed\n' });
    expect(printed.err).toMatch(/^line 2: anna from anna at 127.0.0.1: refused: .{20,}/m);
    expect(rows()).toMatchObject([{ username: 'bert@example.test' }]);
    await imapsync('import-csv-tasks', csv(rowOf('anna')));
    const before = rows();
    expect(await imapsync('import-csv-tasks', '-u', wrong)).toMatchObject({
      code: 1,
      out: '0 created, 1 failed, 1 updated\n',
    });
    expect(rows()).toMatchObject([{}, before[1] ?? {}]);
  });

  test.each(['-c', '--check'])('%s says what would be, and writes nothing', async (option) => {
    const printed = await imapsync(
      'import-csv-tasks',
      option,
      csv(rowOf('anna', secrets.wrong), rowOf('anna'), rowOf('bert').replace('ssl', 'SSL3')),
    );
    expect(printed).toMatchObject({
      code: 1,
      out: 'nothing was written; it would be: 1 created, 1 failed, 1 skipped\n',
    });
    expect(printed.err).toMatch(/^line 2: .*: would be created$/m);
    expect(printed.err).toMatch(/^line 4: .*: refused: security must be one of/m);
    expect(rows()).toEqual([]);
  });

  test.each([
    ['nothing', '', /cannot be used, nothing was imported: it is empty/],
    ['no header', 'anna,anna,never-shown-4711,h.test,993,ssl\n', /the header lacks localusername/],
    ['another encoding', Buffer.from('M\xfcller', 'latin1'), /it is not UTF-8/],
  ])('a file with %s ends with 1, and nothing is made', async (_what, text, sentence) => {
    const path = join(folder.path, 'other.csv');
    writeFileSync(path, text);
    const { code, out, err } = await imapsync('import-csv-tasks', path);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
    expect(rows()).toEqual([]);
  });

  test('when mailcow goes away in between, it says how far it came and ends with 1', async () => {
    const ghost = rowOf('anna').replace('anna,', 'ghost,');
    here().standIn.fault({ route: 'get/mailbox', after: 1, mode: '500' });
    const { code, out, err } = await imapsync('import-csv-tasks', csv(ghost, rowOf('anna'), rowOf('bert')));
    here().standIn.clearFaults();
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^line 3: .*: stopped here, 1 more were not tried$/m);
    expect(err).toMatch(/^0 created, 1 failed$/m);
    expect(rows()).toEqual([]);
  });

  test.each([
    [['import-csv-tasks', '/does/not/exist'], /cannot read \/does\/not\/exist/],
    [['import-csv-tasks', 'a.csv', 'b.csv'], /takes one FILE/],
    [['import-csv-tasks', '--force'], /--force/],
    [['import-state'], /takes one folder/],
    [['import-state', '/does/not/exist'], /no state folder of ns8-imapsync/],
  ])('%j is a wrong command line', async (words, sentence) => {
    const { code, out, err } = await imapsync(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
  });
});

/** A state folder of ns8 with tasks of anna and bert, one without a password, and scripts. */
function stateFolder(): string {
  const path = mkdtempSync(join(folder.path, 'state-'));
  const put = (name: string, text: string, mode = 0o600): void => {
    writeFileSync(join(path, name), text);
    chmodSync(join(path, name), mode);
  };
  mkdirSync(join(path, 'imapsync'));
  mkdirSync(join(path, 'cron'));
  for (const user of ['anna', 'bert', 'carl']) {
    const port = here().mail.imapsPort;
    put(
      `imapsync/${user}_a0241w.env`,
      `\nTASK_ID=a0241w\nLOCALUSER=${user}\nREMOTEUSERNAME=${user}\nREMOTEHOSTNAME=127.0.0.1\nREMOTEPORT=${port}\nSECURITY=--ssl1\nDELETE_LOCAL=\nEXCLUDE=,^Junk$\nDELETE_REMOTE=\nSIEVE_ENABLED=\nCRON=5m\nFOLDER_INBOX=\nFOLDERSYNCHRONIZATION=exclusion\n`,
    );
  }
  put('imapsync/anna_a0241w.pwd', secrets.anna);
  put('imapsync/bert_a0241w.pwd', `${secrets.bert}\n`, 0o644);
  put('imapsync/gone_a0241w.pwd', secrets.wrong);
  put('imapsync/vmail.pwd', secrets.wrong);
  put('imapsync/purge.custom', '#!/bin/sh\n', 0o700);
  put('cron/anna_a0241w.cron', 'MAIL_HOST=h.test\n*/5 * * * * root syncctl start anna_a0241w\n');
  put('cron/purge.custom', 'MAIL_HOST=h.test\n1 */1 * * * root /home/imapsync1/purge.custom -v\n');
  return path;
}

describe('import-state', () => {
  test('makes the tasks again; a second time it does nothing', async () => {
    const path = stateFolder();
    const printed = await imapsync('import-state', path);
    expect(printed).toMatchObject({ code: 1, out: '2 created, 1 failed\n' });
    expect(rows()).toMatchObject([
      { username: 'anna@example.test', password1: secrets.anna, minsInterval: 5 },
      { username: 'bert@example.test', password1: secrets.bert },
    ]);
    for (const sentence of [
      /^carl_a0241w.env: carl from carl at 127.0.0.1: refused: there is no password/m,
      /^warning: imapsync\/bert_a0241w.pwd can be read by others on this machine: chmod 600$/m,
      /^imapsync\/gone_a0241w.pwd belongs to no task and is left out$/m,
      /^imapsync\/purge.custom is a script of your own/m,
      /^cron\/purge.custom: .*: 1 \*\/1 \* \* \* purge.custom -v$/m,
    ])
      expect(printed.err).toMatch(sentence);
    expect(printed.err).not.toContain('vmail.pwd');
    const before = rows();
    expect((await imapsync('import-state', path)).out).toBe('0 created, 1 failed, 2 skipped\n');
    expect(rows()).toEqual(before);
  });

  test('--dry-run writes nothing, --domain says which mailbox', async () => {
    const printed = await imapsync('import-state', '--dry-run', stateFolder(), '--domain', 'other.test');
    expect(printed.out).toBe('nothing was written; it would be: 0 created, 3 failed\n');
    expect(printed.err).toMatch(/anna_a0241w.env: .*: refused: there is no mailbox anna@other.test/);
    const good = await imapsync('import-state', stateFolder(), '--dry-run', '--domain', 'example.test');
    expect(good.out).toBe('nothing was written; it would be: 2 created, 1 failed\n');
    expect(rows()).toEqual([]);
  });
});

describe('get-configuration and configure-module', () => {
  test('what one prints the other takes, and turns into the setting', async () => {
    const { out } = await imapsync('get-configuration');
    expect(JSON.parse(out)).toEqual({
      mail_server: '127.0.0.1',
      mail_host: 'dovecot',
      mail_server_URL: [{ name: '127.0.0.1', label: '127.0.0.1', value: '127.0.0.1,dovecot' }],
    });
    const data = JSON.stringify({ mail_server: '127.0.0.1', mail_host: 'imap.example.test' });
    const printed = await imapsync('configure-module', '--data', data);
    expect(printed).toMatchObject({
      code: 0,
      out: 'LDAP_MAILCOW_IMAPSYNC_IMAP_URI=imaps://imap.example.test\n',
    });
    expect(printed.err).toMatch(/the configuration is the environment/);
  });

  test('another mail server is refused as ns8 does, with 3', async () => {
    const data = JSON.stringify({ mail_server: 'b9b6f5ae', mail_host: 'imap.example.test' });
    const { code, out, err } = await imapsync('configure-module', '--data', data);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toEqual([
      {
        field: 'mail_server',
        parameter: 'mail_server',
        value: 'b9b6f5ae',
        error: 'mail_server_is_not_valid',
      },
    ]);
    expect(err).toMatch(/^mail_server: there is one mail server here/m);
  });
});
