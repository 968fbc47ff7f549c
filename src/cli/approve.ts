import { openApp, type App } from '../app.ts';
import type { Holds } from '../ports.ts';
import { approveHolds, countReasons, holdsOf } from '../sync/holds.ts';
import { planSync } from '../sync.ts';
import { configure, parseOptions, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** What the last sync held; when that is not what `id` names, what the next one would hold. */
async function findHolds(app: App, id: string | undefined): Promise<Holds | undefined> {
  const stored = app.context.state.holds();
  if (stored !== undefined && (id === undefined || id === stored.id)) return stored;
  const { plan } = await planSync(app.context);
  return holdsOf(plan.held);
}

/** Lets through what the guard holds back. */
export const approveCommand: Command = {
  summary: 'let held changes through',
  usage: `ldap-mailcow approve [ID] [--env FILE]

Lets the changes that are held back (and any subset of them) through at the next syncs, for 24 hours. With ID
only if exactly those are still held: the id is in the log and in the output of "plan".

Exit code: 0 approved, or nothing is held; 1 something else is held than ID names; 2 configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    const [id, more] = positionals;
    if (more !== undefined) throw new UsageError(`unexpected argument "${more}"`);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log });
    try {
      const holds = await findHolds(app, id);
      if (holds === undefined) {
        print('Nothing is held back.');
        return exitCodes.done;
      }
      if (id !== undefined && id !== holds.id) {
        print(
          `${id} is not what is held back now: that is ${holds.id}. Look at it with "ldap-mailcow plan", then: ldap-mailcow approve ${holds.id}`,
        );
        return exitCodes.failed;
      }
      const expires = approveHolds(app.context.state, holds, app.context.now());
      print(
        `Approved ${holds.held.length} changes until ${expires.toISOString()}; the next sync writes them:`,
      );
      for (const [why, count] of countReasons(holds.held)) print(`  ${count}: ${why}`);
      return exitCodes.done;
    } finally {
      app.close();
    }
  },
};
