/** The environment blocks of docs/directories.md. */
import { readFileSync } from 'node:fs';

/** A section's settings, full names, in the order of the page. */
export type Block = { readonly server: string; readonly settings: Readonly<Record<string, string>> };

const settingPattern = /^(LDAP_MAILCOW_\w+): (.+)$/;

function parseLine(line: string): readonly [string, string] {
  const [, name, value] = settingPattern.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`This is no setting: ${line}`);
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

/** One for each section that has a block of yaml. Throws when a line in it is no setting. */
export function directoryBlocks(): readonly Block[] {
  const sections = readFileSync('docs/directories.md', 'utf8').split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const yaml = /^```yaml\n([^]*?)^```$/m.exec(section)?.[1];
    if (yaml === undefined) return [];
    const server = section.slice(0, section.indexOf('\n'));
    return [{ server, settings: Object.fromEntries(yaml.trim().split('\n').map(parseLine)) }];
  });
}

/**
 * The settings that a section adds to those which each reader has to fill in: where the server is, who binds.
 * Names without the prefix.
 */
export function settingsOf(server: string): Readonly<Record<string, string>> {
  const block = directoryBlocks().find((known) => known.server === server);
  if (!block) throw new Error(`docs/directories.md has no block for ${server}`);
  const filledIn = /^LDAP_(?:URI|BASE_DN|BIND_DN|BIND_DN_PASSWORD_FILE|TLS_CA_FILE)$/;
  const own = Object.entries(block.settings)
    .map(([name, value]) => [name.replace('LDAP_MAILCOW_', ''), value] as const)
    .filter(([name]) => !filledIn.test(name));
  return Object.fromEntries(own);
}
