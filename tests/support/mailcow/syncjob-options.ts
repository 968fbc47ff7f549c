/** Which further options of imapsync mailcow lets through. */

/** Those of mailcow's list that anybody here has a use for. */
const allowed = new Set(
  [
    ['dry', 'domain1', 'gmail1', 'folder', 'folderrec', 'include', 'search', 'search1', 'search2', 'minage'],
    [
      'noresyncflags',
      'resyncflags',
      'nosyncacls',
      'delete2folders',
      'notls1',
      'nossl1',
      'pidfile',
      'sslargs1',
    ],
  ].flat(),
);

/** mailcow splits at every `-`, also within values: `--folder=Sent-Mail` is a bad option `Mail`. */
export function customParamsProblem(customParams: string): string | undefined {
  for (const part of customParams.split('-').filter((text) => text !== '')) {
    const option = part.includes('=') ? (part.split('=')[0] ?? '') : part.trimEnd();
    if (option.includes(' ')) return 'bad character SPACE';
    if (!allowed.has(option.toLowerCase())) return `bad option ${option}`;
  }
  return undefined;
}
