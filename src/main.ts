#!/usr/bin/env node
/** Process entry: argv -> command -> exit code; signals; nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledNode, dieWithParent, isSupported, relaunch } from './runtime.ts';

const root = join(import.meta.dirname, '..');

async function start(): Promise<number> {
  if (!isSupported(process.versions.node)) {
    const node = bundledNode(root);
    if (node !== undefined) return relaunch(node, process.argv.slice(1));
    process.stderr.write(
      `ldap-mailcow needs node 22 or later, this is ${process.version}: use a newer one, or run npm ci, which brings one along\n`,
    );
    return 2;
  }
  dieWithParent();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const { runCli } = await import('./cli/cli.ts');
  return runCli(process.argv.slice(2), { version });
}

process.exitCode = await start();
