/**
 * mailcow's identity provider, arranged before mailboxes are planned: whether they may log in by it. It is no object of
 * a plan; what is written to it, and why, is in the log (docs/decisions/017-identity-provider.md).
 */
import { createHash } from 'node:crypto';
import {
  desiredProvider,
  judgeProvider,
  providerIdentity,
  providerText,
  type IdentityProvider,
  type LdapProvider,
  type ProviderSettings,
  type ProviderVerdict,
} from '../core/identity-provider.ts';
import { loginFilter } from '../core/login-filter.ts';
import { dialectDefaults, type Mapping } from '../core/mapping.ts';
import type { DialectName, Finding } from '../core/model.ts';
import type { MailcowWord, WriteResult } from '../ports-mailcow.ts';
import type { Facts } from '../ports-state.ts';
import type { SyncContext } from './settings.ts';

export type ProviderRequest = {
  readonly settings: ProviderSettings & {
    /** In brackets; undefined: that of the dialect. */
    readonly userFilter: string | undefined;
  };
  readonly dialect: DialectName;
  readonly mapping: Mapping;
  /** Attributes that people were ever seen with, lower case. */
  readonly seen: ReadonlySet<string>;
  readonly facts: Facts;
  readonly now: Date;
  /** `observe`: the policy allows no write. `plan`: nothing is remembered either. */
  readonly mode: 'write' | 'observe' | 'plan';
  /** Try again what failed a moment ago. */
  readonly insist: boolean;
};

/** `ready`: new mailboxes may log in by it (for a plan: would, as far as can be told). */
export type ProviderOutcome = { readonly ready: boolean; readonly findings: readonly Finding[] };

const SUBJECT = 'identity provider';
const READY: ProviderOutcome = { ready: true, findings: [] };

const notReady = ({ code, message }: Omit<Finding, 'subject'>): ProviderOutcome => ({
  ready: false,
  findings: [{ code, subject: SUBJECT, message: `${message}; new mailboxes cannot log in until then` }],
});

const noneThere = (): ProviderOutcome =>
  notReady({
    code: 'identity-provider-missing',
    message: 'this mailcow is older than 2025-03 and has none: update it, or use LDAP_MAILCOW_AUTH=templates',
  });

const foreign = (why: string): ProviderOutcome =>
  notReady({
    code: 'identity-provider-foreign',
    message: `${why}: it is not touched. Remove it in mailcow (System → Configuration → Access → Identity Provider), or use another LDAP_MAILCOW_AUTH`,
  });

const unreachable = (why: string): ProviderOutcome =>
  notReady({
    code: 'identity-provider-unreachable',
    message: `mailcow's identity provider was left as it is, because ${why}`,
  });

const FAILED_TEST =
  'mailcow cannot connect and bind to the directory itself: check that its container php-fpm-mailcow reaches the servers of LDAP_MAILCOW_LDAP_URI, and knows the authority of their certificates (docs/logins.md)';

const spoken = (words: readonly MailcowWord[]): string =>
  words.map(({ word, args }) => [word, ...args].join(' ')).join('; ');

const whyNot = (result: WriteResult): string | undefined => {
  if (result.kind === 'done') return undefined;
  return result.kind === 'unclear' ? result.why : `mailcow refuses it: ${spoken(result.words)}`;
};

const FIRST_MS = 5 * 60_000;
const LONGEST_MS = 24 * 60 * 60_000;

type Step = ProviderRequest & {
  readonly context: SyncContext;
  readonly desired: LdapProvider;
  /** Tells one desired provider from another. */
  readonly digest: string;
};

/** Without the password: a digest of that could be guessed at. */
const digestOf = (provider: LdapProvider): string =>
  createHash('sha256').update(providerText(provider)).digest('hex').slice(0, 16);

const remember = ({ context, facts }: Step, change: NonNullable<Facts['provider']>): void => {
  if (JSON.stringify(facts.provider) !== JSON.stringify(change))
    context.state.saveFacts({ provider: change });
};

/** A failed try is repeated ever more seldom: each is a bind that the directory counts. */
function putOff(step: Step): void {
  const { facts, now, digest } = step;
  const before = facts.provider?.failed;
  const attempts = (before?.digest === digest ? before.attempts : 0) + 1;
  const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
  const nextAt = new Date(now.getTime() + wait).toISOString();
  remember(step, { ...facts.provider, failed: { digest, attempts, nextAt } });
}

const isPutOff = ({ facts, digest, insist, now }: Step): boolean => {
  const failed = facts.provider?.failed;
  return !insist && failed?.digest === digest && failed.nextAt > now.toISOString();
};

const settle = (step: Step): ProviderOutcome => {
  remember(step, { identity: providerIdentity(step.desired), digest: step.digest });
  return READY;
};

/** mailcow does not try what it is told, and may keep something else. */
async function writeProvider(step: Step): Promise<string | undefined> {
  const { mailcow } = step.context;
  const tested = await mailcow.testIdentityProvider(step.desired);
  if (tested.kind === 'refused') return FAILED_TEST;
  const why = whyNot(tested) ?? whyNot(await mailcow.editIdentityProvider(step.desired));
  if (why !== undefined) return why;
  const shown = await mailcow.readIdentityProvider();
  const verdict = shown === 'no-route' ? 'none' : judgeProvider(shown, step.desired, undefined).kind;
  return verdict === 'equal' ? undefined : 'mailcow did not keep it as it was sent';
}

const describeProvider = ({ desired }: Step): string =>
  `${desired.hosts.join(', ')} port ${desired.port}, below ${desired.baseDn}, as ${desired.bindDn}, login by ${desired.usernameField}, filter ${desired.filter}`;

type Needed = Extract<ProviderVerdict, { readonly kind: 'absent' | 'differs' }>;

async function arrange(step: Step, verdict: Needed): Promise<ProviderOutcome> {
  const { log } = step.context;
  const why = verdict.kind === 'absent' ? 'there is none' : `${verdict.fields.join(', ')} differ`;
  const problem = await writeProvider(step);
  if (problem !== undefined) {
    log.error(`failed: mailcow's identity provider was to be set (${why}): ${problem}`);
    putOff(step);
    return unreachable(problem);
  }
  log.info(`mailcow's identity provider is set (${why}): ${describeProvider(step)}`);
  if (verdict.kind === 'absent') {
    log.warn(
      'from now on mailcow connects and binds to the directory on every call of its API: while the directory does not answer, mailcow answers late or not at all',
    );
  }
  return settle(step);
}

/** Said once, not at every sync: a policy may stay for years. */
function sayNotMade(step: Step): void {
  const { facts, digest, context } = step;
  if (step.mode !== 'observe' || facts.provider?.observed === digest) return;
  remember(step, { ...facts.provider, observed: digest });
  context.log.info(
    `not made (LDAP_MAILCOW_POLICY=observe): set mailcow's identity provider: ${describeProvider(step)}`,
  );
}

/** Somebody changed in mailcow what we had written, and drift is only reported. */
const isReportedDrift = ({ context, facts, digest }: Step): boolean =>
  context.settings.plan.reportDrift === true && facts.provider?.digest === digest;

function drift(fields: readonly string[]): ProviderOutcome {
  const message = `${fields.join(', ')} changed in mailcow; left so, because LDAP_MAILCOW_DRIFT=report`;
  return { ready: true, findings: [{ code: 'drift', subject: SUBJECT, message }] };
}

async function follow(step: Step, shown: IdentityProvider | undefined): Promise<ProviderOutcome> {
  const verdict = judgeProvider(shown, step.desired, step.facts.provider?.identity);
  if (verdict.kind === 'equal') return step.mode === 'write' ? settle(step) : READY;
  if (verdict.kind === 'foreign') return foreign(verdict.why);
  const onlyPassword = verdict.kind === 'differs' && verdict.fields.join() === 'bindPassword';
  if (verdict.kind === 'differs' && !onlyPassword && isReportedDrift(step)) return drift(verdict.fields);
  if (isPutOff(step)) return unreachable(FAILED_TEST);
  if (step.mode === 'write') return arrange(step, verdict);
  sayNotMade(step);
  return READY;
}

/**
 * Compares mailcow's identity provider with the one of the settings (one read) and, where it is ours to set, tests and
 * sets it. Throws what the reads of the port throw.
 */
export async function arrangeProvider(
  context: SyncContext,
  request: ProviderRequest,
): Promise<ProviderOutcome> {
  const shown = await context.mailcow.readIdentityProvider();
  if (shown === 'no-route') return noneThere();
  const { settings, dialect, mapping, seen } = request;
  const people = settings.userFilter ?? dialectDefaults[dialect].userFilter;
  const filter = loginFilter(people, mapping, seen);
  const desired = desiredProvider(settings, { mail: mapping.mail, filter });
  return follow({ ...request, context, desired, digest: digestOf(desired) }, shown);
}
