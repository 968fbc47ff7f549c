/** Templates in the shape in which the older tools' users have them, with every kind of line that theirs have. */
import type { LoginTexts } from '../../src/auth/template-files.ts';
import { readLoginTexts } from '../../src/auth/template-files.ts';

/** Our templates, and one of the operator. */
export function textsWith(
  theirs: Readonly<Partial<Record<'passdb' | 'extra' | 'plist', string>>>,
): LoginTexts {
  const files = Object.entries(theirs).map(([name, text]) => [name, { file: `/templates/${name}`, text }]);
  return { ...readLoginTexts('/no/such/folder'), theirs: Object.fromEntries(files) as LoginTexts['theirs'] };
}
