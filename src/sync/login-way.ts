/**
 * Sees to the logins once in a sync: decides by what mailcow shows, puts files where they are read, and says what it
 * did. Never stops a sync: people who cannot log in yet still get their mailboxes.
 */
import { createHash } from 'node:crypto';
import { chooseLogins, type LoginChoice, type LoginMode, type LoginSigns } from '../core/choose-logins.ts';
import type { Finding } from '../core/model.ts';
import type { Log } from '../ports.ts';
import type { DirectoryKnown, FilesChanged, LoginFiles, Restarter, Service } from '../ports-logins.ts';
import type { Mailcow } from '../ports-mailcow.ts';
import type { Facts, LoginFacts } from '../ports-state.ts';

export type LoginWaySettings = {
  readonly mode: LoginMode;
  readonly wantsSogoSource: boolean;
  /** Undefined: nobody is restarted, and the log says what to type. */
  readonly restarts: boolean;
};

export type LoginWayContext = {
  readonly settings: LoginWaySettings;
  readonly files: LoginFiles;
  readonly restarter: Restarter;
  readonly mailcow: Pick<Mailcow, 'readIdentityProvider'>;
  readonly log: Log;
  /** Keeps what is known before services are restarted, which takes minutes: a kill then must not forget it. */
  readonly remember: (facts: LoginFacts) => void;
};

export type LoginWayQuestion = {
  readonly directory: DirectoryKnown;
  readonly version: string;
  /** Mailboxes are synced. */
  readonly hasMailboxes: boolean;
  /** mailcow's mailboxes have the field `authsource`; undefined: there is none to look at. */
  readonly hasAuthSource: boolean | undefined;
  readonly facts: Facts;
  /** mailcow is asked again, whatever is remembered. */
  readonly audit: boolean;
  /** Nothing may be written. */
  readonly observe: boolean;
};

export type ArrangedWay = {
  readonly choice: LoginChoice;
  readonly facts: LoginFacts;
  readonly findings: readonly Finding[];
};

const keyOf = (signs: Omit<LoginSigns, 'hasProviderRoute'>, settings: LoginWaySettings): string =>
  createHash('sha256')
    .update(JSON.stringify([signs, settings]))
    .digest('hex')
    .slice(0, 16);

const asksMailcow = (mode: LoginMode): boolean =>
  mode === 'auto' || mode === 'templates' || mode === 'identity-provider';

/** Asks mailcow only when something has changed since: the answer is one request, and a provider makes it a slow one. */
async function decide(
  context: LoginWayContext,
  question: LoginWayQuestion,
): Promise<Pick<LoginFacts, 'key' | 'choice'>> {
  const { settings, files, mailcow } = context;
  const { facts, version, hasAuthSource, hasMailboxes, audit } = question;
  const seen = { version, hasAuthSource, volumes: files.signs() };
  const key = keyOf(seen, settings);
  if (!audit && facts.logins?.key === key) return { key, choice: facts.logins.choice };
  const isAsked = asksMailcow(settings.mode) && hasMailboxes;
  const hasProviderRoute = isAsked ? (await mailcow.readIdentityProvider()) !== 'no-route' : undefined;
  const { mode, wantsSogoSource } = settings;
  return {
    key,
    choice: chooseLogins(mode, { ...seen, hasProviderRoute }, { hasMailboxes, wantsSogoSource }),
  };
}

/** What an operator asked for and does not get, and files of ours that nobody looks after any more. */
function refusedFindings(choice: LoginChoice, { settings, files }: LoginWayContext): readonly Finding[] {
  const { kind, why, advice } = choice;
  if (kind === 'templates') return [];
  const isAsked = settings.mode !== 'auto' && settings.mode !== 'none';
  const refused = isAsked && kind === 'nothing' ? [`${why}${advice === undefined ? '' : `; ${advice}`}`] : [];
  const left = files.areInstalled()
    ? [
        'files of ours are still in the folders of mailcow and are not looked after any more: a new bind password does not reach them; "ldap-mailcow auth remove" takes them out',
      ]
    : [];
  const message = [...refused, ...left].join('. ');
  return message === '' ? [] : [{ code: 'logins-refused', subject: 'logins', message }];
}

/** Said once, and again when it changes. */
function say(choice: LoginChoice, { log }: LoginWayContext, before: LoginFacts | undefined): void {
  if (JSON.stringify(before?.choice) === JSON.stringify(choice)) return;
  const what = choice.kind === 'nothing' ? 'nothing is changed' : choice.kind;
  log.info(`logins: ${what}, because ${choice.why}`);
  if (choice.advice !== undefined) log.warn(`logins: ${choice.advice}`);
}

/** Who reads changed files. SOGo remembers whom its former filter let in. */
export const servicesFor = ({ services }: FilesChanged): readonly Service[] => [
  ...(services.has('dovecot') ? (['dovecot'] as const) : []),
  ...(services.has('sogo') ? (['memcached', 'sogo'] as const) : []),
];

const compose = (services: readonly Service[]): string =>
  `docker compose restart ${services.map((service) => `${service}-mailcow`).join(' ')}`;

/** Makes services read what was changed; returns those that still have to. */
export async function restartFor(
  services: readonly Service[],
  { settings, restarter, log }: Pick<LoginWayContext, 'settings' | 'restarter' | 'log'>,
): Promise<readonly Service[]> {
  if (services.length === 0) return [];
  if (!settings.restarts) {
    log.warn(`logins: to make the changed files count, type: ${compose(services)}`);
    return [];
  }
  const results = await restarter.restart(services);
  const failed = results.filter(({ problem }) => problem !== undefined);
  for (const { problem } of failed) log.warn(`logins: ${problem ?? ''}`);
  if (failed.length > 0) {
    log.warn(
      `logins: tried again by the next sync; by hand: ${compose(failed.map(({ service }) => service))}`,
    );
  }
  return failed.map(({ service }) => service);
}

type Placed = { readonly changed: readonly Service[]; readonly findings: readonly Finding[] };

const asFinding = (message: string): Finding => ({ code: 'login-files', subject: 'logins', message });

const NOTHING: Placed = { changed: [], findings: [] };

function place(
  choice: LoginChoice,
  { files, log }: LoginWayContext,
  { directory, observe }: LoginWayQuestion,
): Placed {
  if (choice.kind !== 'templates' || choice.files === undefined || observe) return NOTHING;
  try {
    const changed = files.install(choice.files, directory);
    for (const path of changed.paths) log.info(`logins: wrote ${path}`);
    return { changed: servicesFor(changed), findings: changed.problems.map(asFinding) };
  } catch (error) {
    return { changed: [], findings: [asFinding(error instanceof Error ? error.message : String(error))] };
  }
}

/** Decides, installs, restarts. Throws only what reading mailcow throws. */
export async function arrangeWay(context: LoginWayContext, question: LoginWayQuestion): Promise<ArrangedWay> {
  const before = question.facts.logins;
  const { key, choice } = await decide(context, question);
  say(choice, context, before);
  const { changed, findings: problems } = place(choice, context, question);
  const refused = question.hasMailboxes ? refusedFindings(choice, context) : [];
  const findings = [...problems, ...refused];
  const due = [...new Set([...(before?.waiting ?? []), ...changed])];
  if (question.observe) return { choice, findings, facts: { key, choice, waiting: due } };
  if (due.length > 0) context.remember({ key, choice, waiting: due });
  const waiting = await restartFor(due, context);
  return { choice, findings, facts: { key, choice, waiting } };
}
