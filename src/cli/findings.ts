import { findingAdvice } from '../core/finding-advice.ts';
import { readStateFile } from '../app.ts';
import { configure, parseOptions, refusePositionals, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { groupFindings, renderFindingsText } from './findings-text.ts';

function knownCode(code: unknown): string | undefined {
  if (typeof code !== 'string') return undefined;
  if (code in findingAdvice) return code;
  throw new UsageError(`unknown code "${code}"; known: ${Object.keys(findingAdvice).join(', ')}`);
}

/** What a person should look at, from the state file alone. */
export const findingsCommand: Command = {
  summary: 'what a person should look at, with what to do; asks nobody',
  usage: `ldap-mailcow findings [--json] [--code CODE] [--env FILE]

Lists the open findings of the last sync, grouped by their code: since when, what it is, what to do, and where
docs/findings.md says more. Reads the state file (LDAP_MAILCOW_DB) and nothing else, also while the daemon runs.
  --code    only those of one code
  --json    [{"code","advice","anchor","findings":[{"subject","message","since","words"}]}]; times in UTC

Exit code: 0, 1 no sync yet, 2 command line or configuration.`,
  run: ({ args, print }) => {
    const { values, positionals } = parseOptions(args, {
      json: { type: 'boolean' },
      code: { type: 'string' },
    });
    refusePositionals(positionals);
    const code = knownCode(values['code']);
    const { loaded } = configure(values);
    const { config } = loaded;
    const state = readStateFile(config);
    if (state === undefined) {
      print(values['json'] === true ? '[]' : `No sync yet: there is no state file at ${config.program.db}.`);
      return Promise.resolve(exitCodes.failed);
    }
    try {
      const found = state.findings().filter((finding) => code === undefined || finding.code === code);
      const groups = groupFindings(found);
      print(
        values['json'] === true ? JSON.stringify(groups, undefined, 2) : renderFindingsText(groups, code),
      );
      return Promise.resolve(exitCodes.done);
    } finally {
      state.close();
    }
  },
};
