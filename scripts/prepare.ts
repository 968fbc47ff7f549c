/** Before the tests: the servers that they start are installed, or the tests themselves will say what is missing. */
import { ensurePackages, ldapCommands } from '../tests/support/debian.ts';

try {
  ensurePackages(ldapCommands);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
