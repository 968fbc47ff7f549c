import { describeChange } from '../core/describe.ts';
import { prepareRelease } from '../sync/release.ts';
import { parseOptions, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { exitCodeOfRun, withApp } from './ordered.ts';
import { section } from './plan-text.ts';
import { renderOrdered } from './undo-text.ts';

/** Gives up what is ours. */
export const releaseCommand: Command = {
  summary: 'give up marks and ledger, to uninstall',
  usage: `ldap-mailcow release --all | ADDRESS… [--dry-run] [--env FILE]

Takes our marks away: tags of mailboxes, private comments of aliases, descriptions of domains and filters, marks of sync
jobs; and forgets them. Mailboxes, aliases, domains, filters and jobs stay as they are. With addresses or domains only
those, and they are pinned: no sync adopts them again before "unpin".
  --all      everything that bears our mark, also what the state file does not know. No sync runs any more, until
             "ldap-mailcow sync --after-release" or "ldap-mailcow adopt"
  --dry-run  only show it

Exit code: 0 done, 1 a sync keeps running for 30 s, or an address is none of ours; 2 configuration, 4 some changes failed:
do it again.`,
  run: (context) => {
    const { values, positionals } = parseOptions(context.args, {
      all: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    });
    const all = values['all'] === true;
    const isDry = values['dry-run'] === true;
    if (all === positionals.length > 0) throw new UsageError('release takes addresses, or --all');
    const only = all ? undefined : new Set(positionals.map((one) => one.toLowerCase()));
    return withApp(context, { values, isDry }, async (app) => {
      const { print, stop } = context;
      if (!isDry && app.context.settings.policy === 'observe') {
        print('LDAP_MAILCOW_POLICY=observe: nothing is written.');
        return exitCodes.failed;
      }
      const { changes, apply } = await prepareRelease(app.context, { only, isDry });
      const found = new Set(changes.map(({ key }) => key));
      const unknown = [...(only ?? [])].filter((key) => !found.has(key));
      print(
        [`${changes.length} to give up.`, ...section('Gives up', changes.map(describeChange))].join('\n'),
      );
      for (const key of unknown) print(`${key} is none of ours.`);
      if (isDry || (changes.length === 0 && !all)) {
        print('\nNothing has been written.');
        return unknown.length > 0 ? exitCodes.failed : exitCodes.done;
      }
      const applied = await apply();
      print(renderOrdered(applied));
      if (all) print('No sync runs any more. To begin again: ldap-mailcow sync --after-release');
      const code = exitCodeOfRun(applied, stop);
      return code === exitCodes.done && unknown.length > 0 ? exitCodes.failed : code;
    });
  },
};
