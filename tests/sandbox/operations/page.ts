/** The outputs in docs/operations.md: each between two comments that name it. */

/** What is shown of one command. */
export type Output = { readonly name: string; readonly text: string };

const begin = (name: string): string => `<!-- output ${name} -->`;
const end = '<!-- end of output -->';

/** Puts each output into its place. Throws for one that the page has no place for, and for a place without one. */
export function fillPage(page: string, outputs: readonly Output[]): string {
  const wanted = [...page.matchAll(/<!-- output ([a-z0-9-]+) -->/g)].map(([, name = '']) => name);
  const known = outputs.map(({ name }) => name);
  const lost = [
    ...wanted.filter((name) => !known.includes(name)),
    ...known.filter((name) => !wanted.includes(name)),
  ];
  if (lost.length > 0) throw new Error(`the page and the story differ in: ${lost.join(', ')}`);
  return outputs.reduce(fillOne, page);
}

function fillOne(page: string, { name, text }: Output): string {
  const from = page.indexOf(begin(name)) + begin(name).length;
  const to = page.indexOf(end, from);
  if (to < 0) throw new Error(`the place of ${name} has no end`);
  return `${page.slice(0, from)}\n\n\`\`\`text\n${text}\n\`\`\`\n\n${page.slice(to)}`;
}
