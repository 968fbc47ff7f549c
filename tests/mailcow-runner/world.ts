/** Two real Dovecots, the old server and mailcow's own, and a pair of fresh mailboxes for each test. */
import { setTimeout as wait } from 'node:timers/promises';
import { startMailServer, type MailServer, type MailServerOptions } from '../support/mail-server.ts';
import type { ListedMail, TestMail } from '../support/mail-server-mails.ts';

const many = 60;

export type Pair = {
  /** Login at the old server. */
  readonly user: string;
  readonly password: string;
  /** Address of the mailbox here. */
  readonly mailbox: string;
  readonly putThere: (folder: string, mails: readonly TestMail[]) => Promise<readonly number[]>;
  readonly putHere: (folder: string, mails: readonly TestMail[]) => Promise<readonly number[]>;
  /** `INBOX: One`, sorted. */
  readonly there: () => Promise<readonly string[]>;
  readonly here: () => Promise<readonly string[]>;
  readonly mailsThere: () => Promise<readonly ListedMail[]>;
  readonly mailsHere: () => Promise<readonly ListedMail[]>;
};

export type TwoServers = {
  readonly old: MailServer;
  readonly own: MailServer;
  /** How the runner gets into the mailboxes here. */
  readonly local: {
    readonly host: string;
    readonly port: number;
    readonly masterUser: string;
    readonly masterPassword: string;
  };
  readonly take: () => Pair;
  readonly close: () => Promise<void>;
};

const numbers = Array.from({ length: many }, (_, index) => index + 1);
const userOf = (number: number): string => `user${number}`;
const mailboxOf = (number: number): string => `user${number}@example.test`;
const passwordOf = (number: number): string => `never-shown-${number}-4711`;
const master = { user: 'master@mailcow.local', password: 'never-shown-master' };

/** The master of the old server, for logins like `user1*vmail`. */
export const oldMaster = { user: 'vmail', password: 'never-shown-vmail' };

/** The mailboxes of `take` in their order. */
export const mailboxes: readonly string[] = numbers.map(mailboxOf);

type Further = { readonly old?: Partial<MailServerOptions>; readonly own?: Partial<MailServerOptions> };

/** Starts both, with further options. */
export async function startTwoServers(further: Further = {}): Promise<TwoServers> {
  const users = (nameOf: (number: number) => string): Readonly<Record<string, string>> =>
    Object.fromEntries(numbers.map((number) => [nameOf(number), passwordOf(number)]));
  const [oldServer, own] = await Promise.all([
    startMailServer({ users: users(userOf), master: oldMaster, ...further.old }),
    startMailServer({ users: users(mailboxOf), master, ...further.own }),
  ]);
  let taken = 0;
  return {
    old: oldServer,
    own,
    local: {
      ...{ host: own.host, port: own.imapPort },
      ...{ masterUser: master.user, masterPassword: master.password },
    },
    take: () => {
      taken += 1;
      if (taken > many) throw new Error(`there are only ${many} mailboxes`);
      return pairOf({ old: oldServer, own, number: taken });
    },
    close: async () => {
      await Promise.all([oldServer.close(), own.close()]);
    },
  };
}

type Numbered = { readonly old: MailServer; readonly own: MailServer; readonly number: number };

function pairOf({ old, own, number }: Numbered): Pair {
  const [user, mailbox] = [userOf(number), mailboxOf(number)];
  const mailsThere = (): Promise<readonly ListedMail[]> => old.list(user);
  const mailsHere = (): Promise<readonly ListedMail[]> => own.list(mailbox);
  return {
    ...{ user, mailbox, password: passwordOf(number), mailsThere, mailsHere },
    putThere: (folder, mails) => old.put(user, folder, mails),
    putHere: (folder, mails) => own.put(mailbox, folder, mails),
    there: async () => named(await mailsThere()),
    here: async () => named(await mailsHere()),
  };
}

const named = (mails: readonly ListedMail[]): readonly string[] =>
  mails.map(({ folder, subject }) => `${folder}: ${subject}`).toSorted();

/** Waits for what another part of the test does; throws after 10 s. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it never came');
    await wait(2);
  }
}
