/** Plays a story with the real program, slapd and the stand-in, and keeps what the commands print. */
import type { EnvSettings } from '../env-file.ts';
import { startProgram } from '../program.ts';
import { startServers, type Servers } from '../servers.ts';
import { join } from 'node:path';
import type { Output } from './page.ts';
import { stabilizer } from './stable.ts';

/** One thing that happens. A command without a name is not shown. */
export type Move =
  | { readonly edit: string }
  | { readonly hand: (servers: Servers) => Promise<void> }
  | {
      readonly run: readonly string[] | ((shown: string) => readonly string[]);
      readonly name?: string;
      /** So many of the first lines; the rest is counted. */
      readonly lines?: number;
      readonly settings?: EnvSettings;
    };

/** The outputs of the named commands of a story, in order. */
export async function playStory(
  root: string,
  story: readonly Move[],
  settings: EnvSettings,
): Promise<readonly Output[]> {
  const servers = await startServers({ slapd: { ldif: [join(root, 'tests/sandbox/company.ldif')] } });
  const stable = stabilizer();
  const outputs: Output[] = [];
  let last = '';
  try {
    for (const [index, move] of story.entries()) {
      if ('edit' in move) {
        await servers.slapd.modify(move.edit);
        continue;
      }
      if ('hand' in move) {
        await move.hand(servers);
        continue;
      }
      const args = typeof move.run === 'function' ? move.run(last) : move.run;
      const envFile = servers.writeEnv(`${index}.env`, { ...settings, ...move.settings });
      const { stdout, stderr } = await startProgram({ root, args: [...args, '--env', envFile] }).ended;
      last = stdout + stderr;
      const text = stable(`$ ldap-mailcow ${args.join(' ')}\n${last}`.trimEnd()).replaceAll(
        servers.folder,
        '/db',
      );
      if (move.name !== undefined) outputs.push({ name: move.name, text: shorten(text, move.lines) });
    }
  } finally {
    await servers.stop();
  }
  return outputs;
}

function shorten(text: string, lines: number | undefined): string {
  const all = text.split('\n');
  if (lines === undefined || all.length <= lines) return text;
  return [...all.slice(0, lines), `… (${all.length - lines} more lines)`].join('\n');
}
