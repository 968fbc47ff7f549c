/** `imapsync progress`: no action of ns8, but a table. */
import { showProgress } from '../app-imapsync-progress.ts';
import { configure, parseOptions, UsageError, type CommandContext } from './command.ts';
import { exitCodes } from './exit.ts';

/** Carries out `progress [--json]`. Throws UsageError. */
export async function runProgress({ args, print }: Pick<CommandContext, 'args' | 'print'>): Promise<number> {
  const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
  if (positionals.length > 1) throw new UsageError('imapsync progress takes --json and no more words');
  const { loaded, log } = configure(values);
  print(await showProgress({ config: loaded.config, log, asJson: values['json'] === true }));
  return exitCodes.done;
}
