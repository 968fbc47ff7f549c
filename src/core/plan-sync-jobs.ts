/** The migration's half of a plan: one sync job for each person with a mailbox of ours that works (decision 019). */
import { changeId, stages, type Change } from './change.ts';
import { isActive } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import { liveRow, rowsById, type LedgerEntry } from './ledger.ts';
import { claimsOf } from './migration-claims.ts';
import type { MigrationSettings } from './migration.ts';
import { handsOff, type Notes, type PlanContext, type PlanInput } from './plan-context.ts';
import { planSyncJob, type JobTask } from './plan-sync-job.ts';

type Home = Pick<JobTask, 'key' | 'needs'>;

type Mailboxes = {
  readonly rows: ReadonlyMap<string, readonly LedgerEntry[]>;
  readonly changes: MailboxChanges;
};

/** The changes of mailboxes in this plan, by directory id. */
type MailboxChanges = ReadonlyMap<string, readonly Change[]>;

function mailboxChangesOf({ changes }: Notes): MailboxChanges {
  const byId = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.resource !== 'mailbox') continue;
    const known = byId.get(change.directoryId);
    if (known === undefined) byId.set(change.directoryId, [change]);
    else known.push(change);
  }
  return byId;
}

/** The mailbox of a person that works, or will after this plan; one that is adopted or renamed has its turn with the next. */
function homeOf(
  person: DesiredMailbox,
  { input, notes }: PlanContext,
  { rows, changes }: Mailboxes,
): Home | undefined {
  const planned = changes.get(person.id) ?? [];
  const of = (kind: Change['kind']): Change | undefined => planned.find((change) => change.kind === kind);
  const creation = of('create');
  if (creation !== undefined) {
    return creation.after.active === 1 ? { key: creation.key, needs: [changeId(creation)] } : undefined;
  }
  if (of('rename') ?? of('adopt')) return undefined;
  const row = liveRow(rows.get(person.id) ?? [], person.address);
  const mailbox = row && input.current.mailboxes.get(row.key);
  if (mailbox === undefined || of('deactivate') !== undefined) return undefined;
  const keep = handsOff(mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'syncjob', key: mailbox.address, reason: keep });
    return undefined;
  }
  const woken = of('reactivate');
  if (woken !== undefined) return { key: mailbox.address, needs: [changeId(woken)] };
  return isActive(mailbox.active) ? { key: mailbox.address, needs: [] } : undefined;
}

/** Whether we switched a mailbox off, or do so now; by which change. */
function switchedOff(
  row: LedgerEntry,
  { input }: PlanContext,
  changes: MailboxChanges,
): { readonly needs: readonly string[] } | undefined {
  const mailbox = input.current.mailboxes.get(row.key);
  if (mailbox === undefined || handsOff(mailbox, input) !== undefined) return undefined;
  const planned = (changes.get(row.directoryId) ?? []).filter(({ key }) => key === row.key);
  const deactivation = planned.find(({ kind }) => kind === 'deactivate');
  if (deactivation !== undefined) return { needs: [changeId(deactivation)] };
  const comesBack = planned.some(({ kind }) => kind === 'reactivate');
  return !isActive(mailbox.active) && row.lastActive === false && !comesBack ? { needs: [] } : undefined;
}

/** The job goes with its mailbox, just before it: nobody's mail runs into a mailbox that is off. */
function planOff(row: LedgerEntry, context: PlanContext, changes: MailboxChanges): void {
  const { input, notes } = context;
  const own = input.current.syncJobs?.get(row.key)?.own;
  if (own?.active !== true) return;
  const off = switchedOff(row, context, changes);
  if (off === undefined) return;
  notes.changes.push({
    kind: 'deactivate',
    resource: 'syncjob',
    key: row.key,
    directoryId: row.directoryId,
    before: { active: 1 },
    after: { active: 0 },
    reason: 'its mailbox is switched off',
    needs: off.needs,
    stage: stages.deactivateSyncJob,
  });
}

const byAddress = (a: { readonly address: string }, b: { readonly address: string }): number =>
  a.address < b.address ? -1 : 1;

function planEverybody(context: PlanContext, migration: MigrationSettings, mailboxes: Mailboxes): void {
  const { input, notes } = context;
  if (input.migrating === undefined) return;
  const claims = claimsOf(input, migration);
  for (const person of [...input.desired.mailboxes.values()].sort(byAddress)) {
    const isOut = person.list === true || !person.enabled || notes.blocked.has(person.id);
    if (isOut || input.absent?.has(person.id) === true) continue;
    const home = homeOf(person, context, mailboxes);
    if (home !== undefined) planSyncJob({ ...context, ...home, person, migration, claims });
  }
}

/** The sync jobs of the migration, when all that happens to mailboxes has been planned. */
export function planSyncJobs(input: PlanInput, notes: Notes): void {
  const { migration } = input.settings;
  if (migration === undefined) return;
  const changes = mailboxChangesOf(notes);
  const context = { input, notes };
  for (const row of input.ledger.mailboxes.values()) planOff(row, context, changes);
  planEverybody(context, migration, { rows: rowsById(input.ledger), changes });
}
