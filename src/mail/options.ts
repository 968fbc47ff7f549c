/** What the adapter for mail is told once. */

export type MailTimeouts = {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** Until the server greets. */
  readonly greetingMs: number;
  /** Without a byte, while a command runs. */
  readonly idleMs: number;
  /** All of a tried login. */
  readonly loginMs: number;
};

export type MailOptions = {
  /** Whether certificates must be good; by default not, because mailcow's engine does not look at them either. */
  readonly verifyTls?: boolean;
  /** Where mail can be delivered anew: mailcow's Dovecot, port 24. */
  readonly lmtp?: { readonly host: string; readonly port: number };
  readonly timeouts?: Partial<MailTimeouts>;
};

export type Settings = Required<Pick<MailOptions, 'verifyTls'>> &
  Pick<MailOptions, 'lmtp'> & { readonly timeouts: MailTimeouts };

/** Ten seconds for a login are ns8's (`imapsync --justlogin --timeout 10`). */
export const withDefaults = ({ verifyTls = false, lmtp, timeouts }: MailOptions): Settings => ({
  verifyTls,
  ...(lmtp === undefined ? {} : { lmtp }),
  timeouts: { connectMs: 10_000, greetingMs: 15_000, idleMs: 300_000, loginMs: 10_000, ...timeouts },
});
