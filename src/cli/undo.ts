import type { App } from '../app.ts';
import { prepareUndo, undoableRuns } from '../sync/undo.ts';
import { parseOptions, UsageError, type Command, type CommandContext } from './command.ts';
import { exitCodes } from './exit.ts';
import { exitCodeOfRun, withApp } from './ordered.ts';
import { renderOrdered, renderRuns, renderUndo } from './undo-text.ts';

const SHOWN = 20;

type Order = {
  readonly run: string;
  readonly isDry: boolean;
  readonly deleteEmpty: boolean;
  readonly isSure: boolean;
};

async function undo(
  app: App,
  { run, isDry, deleteEmpty, isSure }: Order,
  { print, stop }: CommandContext,
): Promise<number> {
  const plan = await prepareUndo(app.context, { run, deleteEmpty, isDry });
  if (plan.kind === 'refused') {
    print(`${plan.why}.`);
    return exitCodes.failed;
  }
  print(renderUndo(plan));
  const isHeld = plan.held.length > 0 && !isSure;
  if (isHeld) {
    const more = deleteEmpty ? ' --delete-empty' : '';
    print(`\nNothing has been written. To do it all the same: ldap-mailcow undo ${run}${more} --yes`);
    return exitCodes.held;
  }
  if (isDry || plan.changes.length === 0) {
    print('\nNothing has been written.');
    return exitCodes.done;
  }
  const applied = await plan.apply();
  print(renderOrdered(applied));
  return exitCodeOfRun(applied, stop);
}

/** Takes one run back. */
export const undoCommand: Command = {
  summary: 'take back what one run wrote',
  usage: `ldap-mailcow undo [RUN] [--dry-run] [--delete-empty] [--yes] [--env FILE]

Shows what would take back the writes of one run, by what the journal saw before each of them, and writes that. What
somebody has changed since stays as it is, and what cannot be taken back (a deletion, a password) is said first. Mailboxes
that the run created are deactivated. Everything that is taken back is pinned: syncs leave it alone until its directory
entry changes, or "ldap-mailcow unpin". An undo is a run too, and can be taken back. Without RUN: the last runs that wrote
something.
  --dry-run       only show it
  --delete-empty  delete created mailboxes in which mailcow counts no mail, and created domains that are empty then
  --yes           also when it takes away more at once than the guard lets through

Exit code: 0 done, 1 there is no such run or a sync keeps running for 30 s, 2 configuration, 3 it needs --yes, 4 some
changes failed.`,
  run: (context) => {
    const { values, positionals } = parseOptions(context.args, {
      'dry-run': { type: 'boolean' },
      'delete-empty': { type: 'boolean' },
      yes: { type: 'boolean' },
    });
    const [run, more] = positionals;
    if (more !== undefined) throw new UsageError(`unexpected argument "${more}"`);
    const isDry = run === undefined || values['dry-run'] === true;
    return withApp(context, { values, isDry }, (app) => {
      if (run !== undefined) {
        const deleteEmpty = values['delete-empty'] === true;
        return undo(app, { run, isDry, deleteEmpty, isSure: values['yes'] === true }, context);
      }
      context.print(renderRuns(undoableRuns(app.context, SHOWN)));
      return Promise.resolve(exitCodes.done);
    });
  },
};
