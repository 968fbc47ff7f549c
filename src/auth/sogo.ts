/** The files with which SOGo asks the directory itself (facts/auth.md sections 1, 5 and 6). Pure. */
import type { LoginFile } from './dovecot.ts';
import { quotedHeredoc } from './escape.ts';
import { fillPlist } from './fill-plist.ts';
import { isOlderPlist, isSogoSample } from './older-files.ts';
import { provePlist } from './prove-plist.ts';
import type { LoginSettings } from './settings.ts';
import type { LoginTexts } from './template-files.ts';
import { valuesOf } from './values.ts';

export type SogoOptions = {
  /** `plist`: the file that bootstrap-sogo.sh reads up to 2025-02; `script`: the one that it runs since. */
  readonly reads: 'plist' | 'script';
  readonly texts: LoginTexts;
  /** LDAP_GC_URI of an older tool's environment. */
  readonly gcUri?: string;
};

/** For the owner of the files, root, alone: php-fpm sees the folder too (facts/auth.md section 6). */
const SECRET = 0o600;
const SECRET_PROGRAM = 0o700;
const PROGRAM = 0o755;

function fill(settings: LoginSettings, { texts, gcUri }: SogoOptions): string {
  const values = valuesOf({
    settings,
    variables: { user: '', localPart: '', lowerUser: '', lowerOf: () => '' },
    passdbFile: '',
    caFile: '',
    ...(gcUri !== undefined && { gcUri }),
  });
  const template = texts.theirs.plist ?? texts.ours.plist;
  const text = fillPlist(template, values);
  provePlist(text, template.file);
  return text;
}

/** In a script, the domain comes as an argument: sed puts it where envsubst put it. */
function sourceScript(plist: string, { ours }: LoginTexts): string {
  const dict = plist.replaceAll(/\$line\b/g, '${line}');
  return ours.source.text.replace('@@heredoc@@', () => quotedHeredoc(dict));
}

const mayGiveWay = (text: string): boolean => isSogoSample(text) || isOlderPlist(text) !== undefined;

/** The files in the order in which they must be written. Throws RenderError for what SOGo would read differently. */
export function renderSogo(settings: LoginSettings, options: SogoOptions): readonly LoginFile[] {
  const { texts } = options;
  if (options.reads === 'plist') {
    const text = fill(settings, options);
    return [{ service: 'sogo', name: 'plist_ldap', text, mode: SECRET, kind: 'replace', mayGiveWay }];
  }
  const source = sourceScript(fill(settings, options), texts);
  const loader = texts.ours.loader.text;
  return [
    { service: 'sogo', name: 'ldap-mailcow-source.sh', text: source, mode: SECRET_PROGRAM, kind: 'own' },
    { service: 'sogo', name: 'plist_ldap.sh', text: loader, mode: PROGRAM, kind: 'replace', mayGiveWay },
  ];
}
