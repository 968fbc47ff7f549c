/** Sieve scripts run on mail that has arrived already (facts/imapsync.md 4.3). */
import type { ImapFlow } from 'imapflow';
import type { InboxMessages, InboxResult, SieveWay } from '../ports-mail.ts';
import { atom, execute, sequence } from './command.ts';
import { MailError } from './errors.ts';
import { traitsOf } from './failure.ts';
import { addFlag, canExpunge, deletedFlag, expunge, onInbox, readPresent } from './inbox.ts';
import { openLmtp, type Lmtp, type LmtpServer } from './lmtp.ts';
import type { Settings } from './options.ts';
import { returnPath } from './return-path.ts';
import { uidSets } from './uid-sets.ts';

/** The ways, FILTER=SIEVE first: it keeps the message as it is. Throws nothing for an LMTP server that does not answer. */
export async function findSieveWay(client: ImapFlow, settings: Settings): Promise<SieveWay> {
  if (!canExpunge(client)) return 'none';
  if (client.capabilities.has('FILTER=SIEVE')) return 'filter';
  if (settings.lmtp === undefined) return 'none';
  try {
    const lmtp = await openLmtp(settings.lmtp, settings);
    lmtp.close();
    return 'lmtp';
  } catch {
    return 'none';
  }
}

/**
 * What Pigeonhole 0.5.19 says for a mailbox without a script, and for a script that does not compile. On arrival such
 * mail stays in the INBOX; so it does here.
 */
const runsNothing = /storage not accessible|no active|not found|does not exist|failed to compile/i;

const hasNothingToRun = (error: unknown): boolean => {
  const { status, said } = traitsOf(error);
  return status === 'NO' && runsNothing.test(said);
};

async function filterSet(client: ImapFlow, set: string): Promise<void> {
  try {
    await execute(client, {
      name: 'UID FILTER',
      attributes: [atom('SIEVE'), atom('DELIVERY'), atom('UID'), sequence(set)],
    });
  } catch (error) {
    if (!hasNothingToRun(error)) throw error;
  }
}

/** Only what the scripts themselves flagged is expunged: what was flagged before is not even looked at. */
async function filter(client: ImapFlow, live: readonly number[]): Promise<void> {
  for (const set of uidSets(live)) await filterSet(client, set);
  const { deleted } = await readPresent(client, live);
  await expunge(client, deleted);
}

type Redelivery = { readonly client: ImapFlow; readonly lmtp: Lmtp; readonly recipient: string };

async function redeliverOne({ client, lmtp, recipient }: Redelivery, uid: number): Promise<void> {
  const found = await client.fetchOne(`${uid}`, { source: true, uid: true }, { uid: true });
  // Gone since it was looked for: nothing to deliver.
  if (found === false || found.source === undefined) return;
  await lmtp.deliver({ sender: returnPath(found.source), recipient, message: found.source });
  await addFlag(client, [uid], deletedFlag);
  await expunge(client, [uid]);
}

/**
 * One after the other, so that a cut leaves at most one message twice. What is refused for good stays where it is, as it
 * would without sieve; how many.
 */
async function redeliver(
  run: Omit<Redelivery, 'lmtp'> & {
    readonly server: LmtpServer;
    readonly settings: Settings;
    readonly live: readonly number[];
  },
): Promise<number> {
  let refused = 0;
  let lmtp: Lmtp | undefined;
  try {
    for (const uid of run.live) {
      lmtp ??= await openLmtp(run.server, run.settings);
      try {
        await redeliverOne({ ...run, lmtp }, uid);
      } catch (error) {
        if (!(error instanceof MailError) || error.transient) throw error;
        refused += 1;
        lmtp.close();
        lmtp = undefined;
      }
    }
  } finally {
    lmtp?.close();
  }
  return refused;
}

const noWay = (why: string): MailError =>
  new MailError(`sieve scripts cannot run on mail that has arrived: ${why}`, { transient: false });

type SieveRun = { readonly settings: Settings; readonly address: string; readonly messages: InboxMessages };

/**
 * Runs the scripts by the way that there is. Messages that somebody flagged \Deleted are left alone. Throws a MailError
 * when there is no way, and when a delivery fails for now: what was delivered before that has left the INBOX.
 */
export async function runSieve(
  client: ImapFlow,
  { settings, address, messages }: SieveRun,
): Promise<InboxResult> {
  if (!canExpunge(client)) {
    throw noWay('the server has no UIDPLUS, and an EXPUNGE without it takes what others flagged \\Deleted');
  }
  const server = settings.lmtp;
  if (client.capabilities.has('FILTER=SIEVE')) {
    return onInbox(client, messages, ({ live }) => filter(client, live));
  }
  if (server === undefined) throw noWay('the server has no FILTER=SIEVE, and no LMTP is configured');
  let refused = 0;
  const result = await onInbox(client, messages, async ({ live }) => {
    refused = await redeliver({ client, server, settings, recipient: address, live });
  });
  return refused > 0 && result.kind === 'done' ? { ...result, refused } : result;
}
