/** What came of many seeds, in numbers and in words. */
import type { SeedResult } from './seed.ts';

export type Report = {
  readonly add: (result: SeedResult) => void;
  readonly failed: () => number;
  readonly render: () => string;
};

/** One broken seed as a readable block, with or without the program's own log. */
export function renderFailure({ seed, directory, wrong, story, ms }: SeedResult, withLog: boolean): string {
  const lines = [
    `\n=== seed ${seed} (${directory}, ${(ms / 1000).toFixed(1)} s): ${wrong.length} broken`,
    ...wrong.map((sentence) => `  ! ${sentence}`),
    '  --- the story',
    ...story.filter((line) => withLog || !line.startsWith('    log:')).map((line) => `  ${line}`),
    `  --- again, with the program's log: npm run campaign -- --seeds 1 --first ${seed} --verbose`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Counts results. */
export function createReport(): Report {
  const started = performance.now();
  const totals = new Map<string, number>();
  const broken: number[] = [];
  let seeds = 0;
  let longest = 0;
  let longestSeed = 0;
  const add = (name: string, more: number): void => void totals.set(name, (totals.get(name) ?? 0) + more);
  return {
    add: (result) => {
      seeds += 1;
      add(`seeds on ${result.directory}`, 1);
      if (result.ms > longest) [longest, longestSeed] = [result.ms, result.seed];
      for (const [name, count] of Object.entries(result.counts)) add(name, count);
      if (result.wrong.length > 0) broken.push(result.seed);
    },
    failed: () => broken.length,
    render: () => {
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const lines = [...totals]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, count]) => `  ${name}: ${count}`);
      const verdict =
        broken.length === 0
          ? 'no rule was broken'
          : `broken seeds: ${broken.sort((a, b) => a - b).join(', ')}`;
      return `${seeds} seeds in ${seconds} s (longest ${(longest / 1000).toFixed(1)} s: ${longestSeed}): ${verdict}\n${lines.join('\n')}\n`;
    },
  };
}
