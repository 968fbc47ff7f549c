/** Servers up, story told, servers down. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, ldapCommands } from '../../support/debian.ts';
import { listenForEnd } from '../lifetime.ts';
import { startServers } from '../servers.ts';
import { Interrupted, playDemo } from './demo.ts';
import { chooseColours } from './screen.ts';

const INTERRUPTED = 130;

const print = (text: string): void => {
  process.stdout.write(text);
};

async function play(root: string): Promise<number> {
  const end = listenForEnd();
  if (!existsSync(join(root, 'dist/main.js')))
    throw new Error('The program is not built: npm run demo does that.');
  ensurePackages(ldapCommands);
  const servers = await startServers({
    slapd: {
      ldif: [join(root, 'tests/sandbox/company.ldif')],
      schema: [join(root, 'tests/support/adlike.schema')],
    },
  });
  try {
    print(
      `OpenLDAP with a sample company on ${servers.slapd.uri}, mailcow (a stand-in) on ${servers.mailcow.url}.\n`,
    );
    const colours = chooseColours(process.stdout.isTTY, process.env);
    return (await playDemo({ root, servers, end, colours, print })) ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

/** Runs the demo; the exit code is 0 only if mailcow holds at the end what the directory says. */
export async function runDemo(root: string): Promise<number> {
  try {
    return await play(root);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Interrupted ? INTERRUPTED : 1;
  }
}
