/**
 * Loaded into the program under test with --import: writes what it took of the machine to the file that BENCH_USAGE
 * names, when it ends. No TypeScript: stripping types takes memory of its own. The peak is the kernel's of this process image; getrusage would count the parent's at its start.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['BENCH_USAGE'];

process.on('exit', () => {
  if (file === undefined) return;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const { user, system } = process.cpuUsage();
  const usage = { cpuMs: (user + system) / 1000, peakMiB: Number(peak?.[1]) / 1024 };
  writeFileSync(file, JSON.stringify(usage));
});
