import { openApp, type App } from '../app.ts';
import type { Holds } from '../ports-state.ts';
import { approveHolds, countReasons, declare, holdsOf } from '../sync/holds.ts';
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

const isDeclaration = (id: string): boolean =>
  /^(no-people|no-groups|no-members|no-mail|attribute:.+)$/.test(id);

/** Only what is in doubt now: a declaration made ahead would take the guard off. */
async function declareSo(app: App, what: string, print: (line: string) => void): Promise<number> {
  const { state, now } = app.context;
  const { declarable } = await planSync(app.context);
  if (!declarable.includes(what)) {
    const others = declarable.length === 0 ? 'nothing is' : `only this is: ${declarable.join(', ')}`;
    print(`"${what}" is not in doubt now (${others}): nothing was approved.`);
    return exitCodes.failed;
  }
  const expires = declare(state, what, now());
  print(
    `Taken down until ${expires.toISOString()}: "${what}" is right. What follows from it is still guarded.`,
  );
  return exitCodes.done;
}

/** Lets through what the guard holds back. */
export const approveCommand: Command = {
  summary: 'let held changes through',
  usage: `ldap-mailcow approve [ID | no-people | no-groups | no-members | no-mail | attribute:NAME] [--env FILE]

Lets the changes that are held back (and any subset of them) through at the next syncs, for 24 hours. With ID
only if exactly those are still held: the id is in the log and in the output of "plan".

The directory itself can be declared to be right, also for 24 hours: "no-people", "no-groups" and "no-members" (there
are none, although there were; members are those of lists beside the people), "no-mail" (none of the people has an
address), "attribute:NAME" (no entry has it, although entries had). The log says when that is needed.

Exit code: 0 approved, or nothing is held; 1 something else is held than ID names; 2 configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    const [id, more] = positionals;
    if (more !== undefined) throw new UsageError(`unexpected argument "${more}"`);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log });
    try {
      if (id !== undefined && isDeclaration(id)) return await declareSo(app, id, print);
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
