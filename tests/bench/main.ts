/** `npm run bench`: entry of the process, nothing else. */
import { BenchUsageError, parseBenchOptions, usage } from './options.ts';
import { measureAll } from './stages.ts';
import { renderTable } from './table.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const results = await measureAll(options, (line) => {
    process.stderr.write(`${line} …\n`);
  });
  process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : renderTable(results));
  return 0;
}

// What was started goes along when the process exits, but not when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
