/** Before the tests: the servers that they start are installed, or the tests themselves will say what is missing. */
import {
  dovecotCommands,
  ds389Commands,
  ensurePackages,
  ldapCommands,
  mailServerCommands,
  plistCommands,
  sambaCommands,
} from '../tests/support/debian.ts';

try {
  ensurePackages([
    ...ldapCommands,
    ...sambaCommands,
    ...ds389Commands,
    ...dovecotCommands,
    ...mailServerCommands,
    ...plistCommands,
  ]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
