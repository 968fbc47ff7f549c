/**
 * Everybody's mail from another server: which sync job a person should have, and what mailcow had of it
 * (docs/decisions/019-declarative-migration.md). How a job says whose it is, is not known here: that form is given.
 */
import type { DirectoryEntry } from './model.ts';
import { isSyncHost, isSyncLogin, type SyncJob, type SyncJobSettings } from './sync-job.ts';

/** One mailbox elsewhere, and how it is copied. */
export type MailSource = {
  readonly host: string;
  readonly port: number;
  readonly security: 'ssl' | 'tls' | 'none';
  readonly login: string;
  /** Regular expressions of folders that are left out. */
  readonly exclude: readonly string[];
  readonly intervalMinutes: number;
};

/** What the mark of a job says of it. */
export type JobMark = { readonly taskId: string; readonly isDone: boolean };

/** Between a mailbox elsewhere and mailcow's job for it. */
export type JobForm = {
  /** The job that copies from there, with the mark of this owner. `isDone`: come to its end, so switched off. */
  readonly render: (
    source: MailSource,
    of: { readonly owner: string; readonly mailbox: string; readonly isDone: boolean },
  ) => SyncJobSettings;
  /** The mark among the options of a job; undefined: it is none of ours. */
  readonly read: (customParams: string) => JobMark | undefined;
};

/** What the operator says of the other server; `host` and `login` are templates. */
export type MigrationSettings = MailSource & { readonly form: JobForm };

const PREFIX = 'ldap.';

/** The task of the migration under an owner's name (`[a-z0-9._-]`): a mark holds no dash, and a name no capital. */
export function migrationTaskId(owner: string): string {
  return `${PREFIX}${owner.replaceAll('-', 'Z')}`;
}

/** Whether a task belongs to a migration, whoever's. */
export function isMigrationTask(taskId: string): boolean {
  return taskId.startsWith(PREFIX);
}

/** The attributes in the braces of these templates, in lower case. */
export function attributesOfTemplates(...templates: readonly string[]): readonly string[] {
  const names = templates.flatMap((text) => [...text.matchAll(braces)].map(([, name = '']) => name));
  return [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => name !== 'mail').sort();
}

const braces = /\{([^{}]*)\}/g;

/** A text, or why there is none. */
type Filled = { readonly text: string } | { readonly problem: string };

/**
 * The one value of an attribute. Servers keep no order of values: which of several is meant, nobody can know (as of
 * addresses, RULES.md 1).
 */
function valueOf(name: string, { dn, attributes, partial }: DirectoryEntry): Filled {
  const values = new Set(
    (attributes[name] ?? []).map((value) => value.trim()).filter((value) => value !== ''),
  );
  const [first] = values;
  if (first === undefined) return { problem: `${dn} has no value in ${name}` };
  if (values.size > 1) return { problem: `${name} of ${dn} has ${values.size} different values: leave one` };
  return partial?.includes(name) === true
    ? { problem: `${name} of ${dn} could not be read` }
    : { text: first };
}

/** A template with values of the entry; `{mail}` is the address of the mailbox. */
function fill(template: string, entry: DirectoryEntry, address: string): Filled {
  let problem: string | undefined;
  const text = template.replaceAll(braces, (_all, name: string) => {
    const key = name.toLowerCase();
    const filled = key === 'mail' ? { text: address } : valueOf(key, entry);
    if ('text' in filled) return filled.text;
    problem ??= filled.problem;
    return '';
  });
  return problem === undefined ? { text } : { problem };
}

/** Where the mail of a person comes from, or a sentence that says why that cannot be told. */
export function sourceOf(
  entry: DirectoryEntry,
  address: string,
  settings: MigrationSettings,
): MailSource | { readonly problem: string } {
  const { form: _form, ...rest } = settings;
  const host = fill(settings.host, entry, address);
  if ('problem' in host) return host;
  const login = fill(settings.login, entry, address);
  if ('problem' in login) return login;
  const name = host.text.toLowerCase();
  if (!isSyncHost(name)) return { problem: `"${name}" is no server that mailcow would take` };
  if (!isSyncLogin(login.text))
    return { problem: 'the login there is empty, longer than 255 characters or several lines' };
  return { ...rest, host: name, login: login.text };
}

/** What a mailbox has for sync jobs, as far as a plan needs it. */
export type MailboxJobs = {
  readonly mailbox: string;
  /** The one of the migration; undefined: there is none. */
  readonly own?: SyncJobSettings & { readonly id: number };
  /** Of all others: mailcow takes one job for one login there. */
  readonly others: readonly Pick<SyncJobSettings, 'host' | 'user'>[];
  /** What we last wrote: a difference from it was made in mailcow. */
  readonly written?: Omit<SyncJobSettings, 'active'>;
  /** A keyed digest of the password that was written last. */
  readonly passwordDigest?: string;
  /** It was switched off along with its mailbox, so it is ours to switch on. */
  readonly offByUs?: true;
};

/** Whether a job is one of this owner's migration. */
export function isOwnJob(
  { customParams }: Pick<SyncJob, 'customParams'>,
  { form, owner }: { readonly form: JobForm; readonly owner: string },
): boolean {
  return form.read(customParams)?.taskId === migrationTaskId(owner);
}

function settingsOf(job: SyncJob): NonNullable<MailboxJobs['own']> {
  const {
    mailbox: _mailbox,
    isRunning: _running,
    lastRun: _last,
    succeeded: _ok,
    exitStatus: _exit,
    ...own
  } = job;
  return own;
}

/** What cannot be read from a job, as long as it is the same one. */
function knownOf(
  found: SyncJob | undefined,
  before: MailboxJobs | undefined,
): Pick<MailboxJobs, 'passwordDigest' | 'offByUs'> {
  if (found === undefined || before?.own?.id !== found.id) return {};
  const { passwordDigest, offByUs } = before;
  return {
    ...(passwordDigest !== undefined && { passwordDigest }),
    // Whoever switches it on makes it his: off again, it stays so.
    ...(offByUs && !found.active && { offByUs }),
  };
}

/**
 * What the jobs of one mailbox say, with what is remembered of them; undefined: there is nothing to say. Of several of
 * ours the oldest counts.
 */
export function readMailboxJobs(
  mailbox: string,
  jobs: readonly SyncJob[],
  { isOwn, before }: { readonly isOwn: (job: SyncJob) => boolean; readonly before: MailboxJobs | undefined },
): MailboxJobs | undefined {
  const sorted = [...jobs].sort((a, b) => a.id - b.id);
  const found = sorted.find(isOwn);
  const others = sorted.filter((job) => job !== found).map(({ host, user }) => ({ host, user }));
  const written = before?.written;
  if (found === undefined && others.length === 0 && written === undefined) return undefined;
  return {
    mailbox,
    ...(found && { own: settingsOf(found) }),
    others,
    ...(written && { written }),
    ...knownOf(found, before),
  };
}
