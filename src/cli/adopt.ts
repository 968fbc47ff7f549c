import { describeChange } from '../core/describe.ts';
import { prepareAdopt } from '../sync/adopt.ts';
import { parseOptions, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { exitCodeOfRun, withApp } from './ordered.ts';
import { section } from './plan-text.ts';
import { renderOrdered } from './undo-text.ts';

/** Marks what is there and fits the directory. */
export const adoptCommand: Command = {
  summary: 'mark what is in mailcow and fits the directory',
  usage: `ldap-mailcow adopt [ADDRESS…] [--dry-run] [--env FILE]

Reads the directory and all lists of mailcow, shows what a sync with LDAP_MAILCOW_ADOPT=true would adopt, and adopts that:
mailboxes and aliases are marked, nothing else of them changes. With addresses only those. The next sync then keeps them
as it does what it made itself.
  --dry-run  only show it

Exit code: 0 done, 1 a sync keeps running for 30 s or a side cannot be read, 2 configuration, 4 some changes failed.`,
  run: (context) => {
    const { values, positionals } = parseOptions(context.args, { 'dry-run': { type: 'boolean' } });
    const isDry = values['dry-run'] === true;
    const only = positionals.length === 0 ? undefined : new Set(positionals.map((one) => one.toLowerCase()));
    return withApp(context, { values, isDry }, async (app) => {
      const { print, stop } = context;
      const { changes, held, skips, problems, apply } = await prepareAdopt(app.context, { only, isDry });
      const lines = [
        `${changes.length} to adopt.`,
        ...section('The reading of the directory is incomplete', problems),
        ...section('Adopts', changes.map(describeChange)),
        ...section(
          'Held back',
          held.map(({ change, why }) => `${describeChange(change)}: ${why}`),
        ),
        ...section(
          'Not adopted',
          skips.map(({ resource, key, reason }) => `${resource} ${key}: ${reason}`),
        ),
      ];
      print(lines.join('\n'));
      if (isDry || changes.length === 0) {
        print('\nNothing has been written.');
        return exitCodes.done;
      }
      const applied = await apply();
      print(renderOrdered(applied));
      return exitCodeOfRun(applied, stop);
    });
  },
};
