import { openApp } from '../app.ts';
import { whyPinned } from '../core/pins.ts';
import { DISTURBED } from '../sync/quiet.ts';
import { configure, parseOptions, refusePositionals, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { withApp } from './ordered.ts';

/** What syncs leave alone. */
export const pinsCommand: Command = {
  summary: 'what an undo has pinned: syncs leave it alone',
  usage: `ldap-mailcow pins [--json] [--env FILE]

Lists what syncs leave alone because somebody took it back ("undo") or gave it up ("release"). A pin goes when the
directory entry of its owner changes, or with "ldap-mailcow unpin".
  --json    [{"resource","key","directoryId","run","since"}], sorted

Exit code: 0, or 2 configuration.`,
  run: ({ args, print }) => {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log, readOnly: true });
    try {
      const pins = app.context.state.pins();
      const rows = pins.map(({ resource, key, directoryId, run, since }) => ({
        resource,
        key,
        directoryId,
        run,
        since,
      }));
      if (values['json'] === true) print(JSON.stringify(rows, undefined, 2));
      else if (pins.length === 0) print('Nothing is pinned.');
      for (const pin of values['json'] === true ? [] : pins) {
        print(`${pin.resource} ${pin.key}: ${whyPinned(pin)} (since ${pin.since})`);
      }
      return Promise.resolve(exitCodes.done);
    } finally {
      app.close();
    }
  },
};

/** Lets syncs have it again. */
export const unpinCommand: Command = {
  summary: 'let syncs have again what is pinned',
  usage: `ldap-mailcow unpin ADDRESS… | --all [--env FILE]

Takes the pins off these addresses (or domains), or all of them: the next sync does there what the directory says.

Exit code: 0 done, 1 one of them is not pinned, or a sync keeps running for 30 s; 2 configuration.`,
  run: (context) => {
    const { values, positionals } = parseOptions(context.args, { all: { type: 'boolean' } });
    const all = values['all'] === true;
    if (all === positionals.length > 0) throw new UsageError('unpin takes addresses, or --all');
    return withApp(context, { values, isDry: false }, ({ context: { state } }) => {
      const wanted = new Set(positionals.map((address) => address.toLowerCase()));
      const pins = state.pins().filter(({ key }) => all || wanted.has(key));
      state.transaction(() => {
        state.dropPins(pins);
        // What the next sync finds is not what the last one found.
        if (pins.length > 0) state.saveFacts({ quiet: DISTURBED });
      });
      for (const { resource, key } of pins) context.print(`unpinned ${resource} ${key}`);
      const found = new Set(pins.map(({ key }) => key));
      const unknown = [...wanted].filter((address) => !found.has(address));
      for (const address of unknown) context.print(`${address} is not pinned`);
      return Promise.resolve(unknown.length > 0 ? exitCodes.failed : exitCodes.done);
    });
  },
};
