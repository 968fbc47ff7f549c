/** The program's commands in this process, with what they print. */
import { jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/cli.ts';

export type Printed = { readonly code: number; readonly out: string; readonly err: string };

/** No setting of the machine may reach a test. */
function withoutSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (/^LDAP[_-]MAILCOW_/.test(name)) Reflect.deleteProperty(process.env, name);
  }
}

const collected = (stream: NodeJS.WriteStream): { readonly text: () => string; readonly end: () => void } => {
  let text = '';
  const spy = jest.spyOn(stream, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return {
    text: () => text,
    end: () => {
      spy.mockRestore();
    },
  };
};

/** Runs one command line. */
export async function run(...args: readonly string[]): Promise<Printed> {
  withoutSettings();
  process.setMaxListeners(0);
  const [out, err] = [collected(process.stdout), collected(process.stderr)];
  try {
    const code = await runCli(args, { version: '1.2.3' });
    return { code, out: out.text(), err: err.text() };
  } finally {
    out.end();
    err.end();
  }
}

/** A folder for one test file; gone when `remove` is called. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ldap-mailcow-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes settings, named without their prefix, to a file for the option --env. */
export function envFile(folder: string, settings: Readonly<Record<string, string>>): string {
  const path = join(folder, `${Object.keys(settings).length}-${Math.random().toString(36).slice(2)}.env`);
  const lines = Object.entries(settings).map(([name, value]) => `LDAP_MAILCOW_${name}='${value}'`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
