/** Open findings as a person reads them, and as data. */
import { anchorFor, findingAdvice, wordsIn, type Explained } from '../core/finding-advice.ts';
import type { KnownFinding } from '../ports-state.ts';
import { moment, plural, renderLines } from './words.ts';

export type FindingGroup = {
  readonly code: string;
  /** One sentence: what to do. */
  readonly advice: string;
  readonly anchor: string;
  readonly findings: readonly (Omit<KnownFinding, 'code'> & {
    /** What mailcow's own words in it mean. */
    readonly words: readonly Explained[];
  })[];
};

/** By code, in its order; within one by subject. */
export function groupFindings(findings: readonly KnownFinding[]): readonly FindingGroup[] {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return codes.map((code) => ({
    code,
    advice: findingAdvice[code] ?? '',
    anchor: anchorFor(code),
    findings: findings
      .filter((finding) => finding.code === code)
      .map(({ subject, message, since }) => ({ subject, message, since, words: wordsIn({ code, message }) })),
  }));
}

const wordLine = ({ word, means, anchor }: Explained): string => `      ${word}: ${means} (${anchor})`;

const groupLines = ({ code, advice, anchor, findings }: FindingGroup): readonly string[] => [
  '',
  `${code} (${findings.length})`,
  `  ${advice} (${anchor})`,
  ...findings.flatMap(({ subject, message, since, words }) => [
    `    since ${moment(since)}  ${subject}: ${message}`,
    ...words.map(wordLine),
  ]),
];

/** The text that `findings` prints; `of` names the code that was asked for. */
export function renderFindingsText(groups: readonly FindingGroup[], of?: string): string {
  const count = groups.reduce((sum, { findings }) => sum + findings.length, 0);
  const what = of === undefined ? '' : ` of ${of}`;
  if (count === 0) return `No open findings${what}.`;
  return renderLines([`${plural(count, 'open finding')}${what}`, ...groups.flatMap(groupLines)]);
}
