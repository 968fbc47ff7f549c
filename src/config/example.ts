/** .env.example, which `ldap-mailcow init` prints too, and the list for `--help`. */
import { allSettings, sectionNames, sectionTitles, type SectionName } from './schema.ts';
import { fileVariableOf, variableOf, type AnySetting } from './setting.ts';

const lineLength = 100;

const head = `# Settings of ldap-mailcow. Lines that begin with # are comments: what is commented out has its default.
# Fill in the others, then: ldap-mailcow check, ldap-mailcow plan. The reference is docs/configuration.md.
# A value with a # in it needs single quotes.
`;

const plain = (text: string): string => text.replaceAll('`', '');

const wrap = (text: string): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < lineLength)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `# ${line}`);
};

const quoted = (value: string): string => (/^[\w.,:/@+=-]*$/.test(value) ? value : `'${value}'`);

const exampleValue = (setting: AnySetting): string => {
  if (setting.starter !== undefined) return setting.starter;
  if (setting.example !== undefined) return setting.example;
  return setting.fallback.kind === 'value' ? String(setting.fallback.value) : '';
};

const defaultText = ({ fallback }: AnySetting): string => {
  switch (fallback.kind) {
    case 'required':
      return 'Required.';
    case 'unset':
      return `Not set: ${fallback.text}.`;
    case 'value':
      return `Default: ${String(fallback.value) || 'none'}.`;
    case 'computed':
      return `Default: ${fallback.text}.`;
  }
};

const renderSetting = (setting: AnySetting): string => {
  const isSet = setting.fallback.kind === 'required' || setting.starter !== undefined;
  const assignment = `${variableOf(setting)}=${quoted(exampleValue(setting))}`;
  const file = `#${fileVariableOf(setting)}=/run/secrets/${setting.name.toLowerCase()}`;
  return [
    ...wrap(plain(`${setting.line} ${defaultText(setting)}`)),
    isSet ? assignment : `#${assignment}`,
    ...(setting.secret === true ? [file] : []),
    '',
  ].join('\n');
};

const settingsOf = (section: SectionName): readonly AnySetting[] =>
  allSettings.filter((placed) => placed.section === section).map(({ setting }) => setting);

const renderSection = (section: SectionName): string =>
  [`# --- ${sectionTitles[section]} ---`, '', ...settingsOf(section).map(renderSetting)].join('\n');

/** A commented env file: what must be filled in stands there as an example, the rest is commented out. */
export function renderEnvExample(): string {
  return [head, ...sectionNames.map(renderSection)].join('\n').trimEnd() + '\n';
}

/** The names of all settings with a few words each, for `--help`. */
export function renderSettingsHelp(): string {
  const width = Math.max(...allSettings.map(({ setting }) => variableOf(setting).length));
  const line = (setting: AnySetting): string => {
    const mark = setting.fallback.kind === 'required' ? '(required) ' : '';
    return `  ${variableOf(setting).padEnd(width)}  ${mark}${plain(setting.line)}`;
  };
  return sectionNames
    .map((section) => [`${sectionTitles[section]}:`, ...settingsOf(section).map(line)].join('\n'))
    .join('\n');
}
