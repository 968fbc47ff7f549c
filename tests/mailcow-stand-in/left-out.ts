/** What the conformance test does differently for single recordings, each with its reason. */
import type { FaultMode } from '../support/mailcow/faults.ts';
import type { Json } from '../support/mailcow/json.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { newMailbox, post } from './client.ts';

/** Recordings that are not replayed; a name that ends with `/` stands for a whole group. */
export const leftOut: Readonly<Record<string, string>> = {};

type Preparation = (mailcow: MailcowStandIn) => Promise<void> | void;

/** What has to be done before a recording, because the recorder did it outside the API or left it out. */
export const preparations: Readonly<Record<string, Preparation>> = {
  // The recorder wrote into the table what a run leaves there.
  '10-syncjob/023-get-after-run.json': ({ store }) => {
    const row = store.tables.syncJobs.get(1);
    if (row === undefined) throw new Error('there is no sync job 1');
    const ran = { isRunning: 1, lastRun: '2026-11-20 11:03:49', success: 1, exitStatus: 'EX_OK' };
    store.tables.syncJobs.set(1, { ...row, ...ran, returnedText: '++++ log' });
  },
  // mailcow's own directory sync created these two.
  '11-identity-provider/038-local-edit-quota.json': async (mailcow) => {
    await add(mailcow, ['u010@idp.test', 'u020@idp.test'], { authsource: 'ldap' });
  },
  // The recorder emptied the domain before it removed the identity provider.
  '11-identity-provider/043-delete-idp.json': async (mailcow) => {
    await post(mailcow, 'delete/mailbox', ['u001@idp.test', 'u002@idp.test', 'u010@idp.test']);
  },
  '12-sessions-and-failures/007-dockerapi-down.json': fails('dockerapi-down'),
  '12-sessions-and-failures/008-dockerapi-down-add.json': fails('dockerapi-down'),
  '12-sessions-and-failures/009-redis-down.json': fails('redis-down'),
  '12-sessions-and-failures/010-mysql-down.json': fails('mysql-down'),
  '12-sessions-and-failures/011-mysql-down-wrong-key.json': fails('mysql-down'),
  '12-sessions-and-failures/012-php-fpm-down.json': fails('down'),
  // Taken from another set-up, after a real deadlock among parallel deletions.
  '14-half-deleted/001-get-half-deleted.json': async (mailcow) => {
    await post(mailcow, 'add/domain', { domain: 'perf.test' });
    await add(mailcow, ['m0001946@perf.test'], {});
    mailcow.store.halfDelete('m0001946@perf.test');
  },
};

function fails(mode: FaultMode): Preparation {
  return (mailcow) => {
    mailcow.fault({ mode, times: 1 });
  };
}

async function add(
  mailcow: MailcowStandIn,
  addresses: readonly string[],
  more: Readonly<Record<string, Json>>,
): Promise<void> {
  for (const address of addresses) await post(mailcow, 'add/mailbox', newMailbox(address, more));
}
