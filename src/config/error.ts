const listed = (sentences: readonly string[]): string =>
  sentences.map((sentence) => `- ${sentence}`).join('\n');

/**
 * Everything that is wrong with the configuration, found at once; each problem names the variable. Warnings are
 * said apart and not counted: they would not have kept the program from starting.
 */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];

  constructor(problems: readonly string[], warnings: readonly string[] = []) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const aside = warnings.length === 0 ? '' : `\nWorth a look as well:\n${listed(warnings)}`;
    super(`The configuration has ${count}:\n${listed(problems)}${aside}`);
    this.name = 'ConfigError';
    this.problems = problems;
    this.warnings = warnings;
  }
}
