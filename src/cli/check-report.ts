/** What `check` has to say: sections with lines, and sentences that somebody must act on. */

export type Section = {
  readonly title: string;
  readonly lines: readonly string[];
  /** Each says what is wrong and what to do; any of them makes the exit code 1. */
  readonly problems: readonly string[];
  /** Worth a look; a sync works all the same. */
  readonly remarks: readonly string[];
};

/** What came of asking the other side: never an exception, so that the other sections go on. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

/** Waits for an answer and turns whatever is thrown into data. */
export async function outcomeOf<T>(ask: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** `1 person`, `2 people`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** One section as text; problems are marked with `!`, remarks with `*`. */
export function renderSection({ title, lines, problems, remarks }: Section): string {
  return [
    title,
    ...lines.map((line) => `  ${line}`),
    ...problems.map((problem) => `  ! ${problem}`),
    ...remarks.map((remark) => `  * ${remark}`),
    '',
  ].join('\n');
}

/** The end of the report: everything that somebody must act on, in one place. */
export function renderSummary(sections: readonly Section[]): string {
  const problems = sections.flatMap(({ title, problems: sentences }) =>
    sentences.map((sentence) => `${title}: ${sentence}`),
  );
  const remarks = sections.reduce((sum, section) => sum + section.remarks.length, 0);
  const verdict =
    problems.length === 0
      ? 'No problem. Next: ldap-mailcow plan shows what a sync would write.'
      : `${counted(problems.length, 'problem', 'problems')} to solve:`;
  return [
    'Summary',
    ...(remarks === 0
      ? []
      : [`  ${counted(remarks, 'remark', 'remarks')} above, marked with *: worth a look`]),
    `  ${verdict}`,
    ...problems.map((problem, index) => `  ${index + 1}. ${problem}`),
  ].join('\n');
}
