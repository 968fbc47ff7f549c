/** Scripts of the operator's own: real processes, in a temporary folder. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/ports.ts';
import { startScripts, type ScriptsOptions } from '../../src/scripts/scripts.ts';

const own = process.getuid?.() ?? 0;
const soon = { timeoutMs: 20_000, killMs: 300, stopMs: 300 };

type Scene = {
  readonly folder: string;
  readonly lines: string[];
  readonly stop: AbortController;
  started?: { readonly ended: Promise<void> };
};
let scene: Scene;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'scripts-'));
  const folder = join(root, 'custom');
  mkdirSync(folder, { mode: 0o755 });
  scene = { folder, lines: [], stop: new AbortController() };
});
afterEach(async () => {
  scene.stop.abort();
  await scene.started?.ended;
  rmSync(join(scene.folder, '..'), { recursive: true, force: true });
});

const at = (name: string): string => join(scene.folder, name);
const out = (name: string): string => join(scene.folder, '..', name);
const log = (): Log => {
  const into =
    (level: string) =>
    (message: string): void => {
      scene.lines.push(`${level}: ${message}`);
    };
  return { error: into('error'), warn: into('warn'), info: into('info'), debug: into('debug') };
};

function put(name: string, text: string, mode = 0o755): void {
  writeFileSync(at(name), text);
  chmodSync(at(name), mode);
}
const script = (name: string, ...lines: readonly string[]): void => {
  put(name, ['#!/bin/sh', ...lines, ''].join('\n'));
};
/** In one step, as an editor does it: never seen half written. */
function crontab(...lines: readonly string[]): void {
  writeFileSync(at('crontab.new'), `${lines.join('\n')}\n`);
  chmodSync(at('crontab.new'), 0o644);
  renameSync(at('crontab.new'), at('crontab'));
}

/** `soon` runs once, now; `often` again and again; all others never. */
function times(): (schedule: string) => Date {
  const asked = new Set<string>();
  return (schedule) => {
    if (schedule.startsWith('9')) return new Date(Date.now() + 50);
    const isFirst = schedule.startsWith('1') && !asked.has(schedule);
    asked.add(schedule);
    return new Date(Date.now() + (isFirst ? 0 : 3_600_000));
  };
}

function start(more: Partial<ScriptsOptions> = {}): void {
  scene.started = startScripts({
    folder: scene.folder,
    log: log(),
    signal: scene.stop.signal,
    nextRun: times(),
    isSchedule: () => true,
    environment: { PATH: '/usr/bin:/bin', HOME: '/tmp' },
    uid: own,
    limits: soon,
    pollMs: 30,
    ...more,
  });
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !is(); tries += 1)
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  if (!is()) throw new Error(`did not happen; the log:\n${scene.lines.join('\n')}`);
}
const said = (pattern: RegExp): boolean => scene.lines.some((line) => pattern.test(line));
const once = '1 * * * *';
const often = '9 * * * *';

describe('a script', () => {
  test('runs with its words, a minimal environment, no standard input, and what it says is in the log', async () => {
    process.env['LDAP_MAILCOW_API_KEY'] = 'never-shown-4711';
    script(
      'a.custom',
      'env | sort | cut -d= -f1 | tr "\\n" " "',
      'echo; echo "got $1 $2 in $PWD"; cat; echo oops >&2; exit 3',
    );
    crontab(`${once} a.custom one *`);
    start();
    await until(() => said(/exit code/));
    Reflect.deleteProperty(process.env, 'LDAP_MAILCOW_API_KEY');
    expect(scene.lines).toContain(`info: script a.custom: got one * in ${scene.folder}`);
    expect(scene.lines).toContain('info: script a.custom: oops');
    expect(scene.lines).toContain('warn: script a.custom: ended with exit code 3');
    expect(scene.lines.find((line) => line.includes('PATH'))).toMatch(
      /: (?:HOME|PATH|PWD|SHLVL|_| |OLDPWD)+$/,
    );
    expect(scene.lines.join('\n')).not.toContain('never-shown-4711');
  });

  test('is not run twice at once, and again when it has ended', async () => {
    script('a.custom', `echo x >> ${out('runs')}`, 'sleep 0.5');
    crontab(`${often} a.custom`);
    start();
    await until(() => said(/warn: script a.custom: not started, its last run has not ended yet/));
    expect(readFileSync(out('runs'), 'utf8')).toBe('x\n');
    await until(() => readFileSync(out('runs'), 'utf8') === 'x\nx\n');
    expect(said(/ended well/)).toBe(true);
  });

  test('that says too much is cut at whole lines', async () => {
    script('a.custom', 'seq 1 500', "head -c 5000 /dev/zero | tr '\\0' x", 'echo');
    crontab(`${once} a.custom`);
    start();
    await until(() => said(/ended well/));
    const own = scene.lines.filter((line) => /^info: script a.custom: (?:\d|x|\()/.test(line));
    expect(own).toHaveLength(101);
    expect(own.at(-1)).toBe('info: script a.custom: (401 more lines, or too long ones, were left out)');
  });

  test('that runs too long is ended with all that it started, also when it does not listen', async () => {
    script(
      'a.custom',
      "trap '' TERM",
      `(trap '' TERM; sleep 1.5; echo late > ${out('late')}) &`,
      'sleep 30 & wait',
      'sleep 30',
    );
    crontab(`${once} a.custom`);
    start({ limits: { ...soon, timeoutMs: 200 } });
    await until(() => said(/error: script a.custom: ended by force, it ran too long/));
    await new Promise((resolve) => {
      setTimeout(resolve, 1800);
    });
    expect(existsSync(out('late'))).toBe(false);
  });

  test('is told to end when the daemon does', async () => {
    script('a.custom', `trap 'echo told > ${out('told')}; exit 0' TERM`, 'echo ready', 'sleep 30 & wait');
    crontab(`${once} a.custom`);
    start();
    await until(() => said(/ready/));
    scene.stop.abort();
    await scene.started?.ended;
    expect(readFileSync(out('told'), 'utf8')).toBe('told\n');
    expect(said(/info: script a.custom: ended with the daemon/)).toBe(true);
  });

  test('that cannot be started is no end of the daemon', async () => {
    put('a.custom', '#!/no/such\n');
    script('b.custom', 'echo fine');
    crontab(`${once} a.custom`, `${once.replace('1', '11')} b.custom`);
    start();
    await until(() => said(/error: script a.custom: cannot be started/) && said(/b.custom: fine/));
  });
});

describe('the crontab', () => {
  test('is read again when it changes, and what it no longer names is not run', async () => {
    script('a.custom', `echo a >> ${out('runs')}`);
    script('b.custom', 'echo b here');
    crontab('5 * * * * a.custom');
    start();
    await until(() => said(/info: scripts: 1 in/));
    crontab('MAIL_HOST=x', `${once} b.custom`);
    await until(() => said(/b here/));
    expect(said(/error: scripts: crontab line 1: variables are not set here/)).toBe(true);
    expect(existsSync(out('runs'))).toBe(false);
  });

  test('that is not there is told once, and may come later', async () => {
    script('a.custom', 'echo a here');
    start();
    await until(() => said(/error: scripts: none are run: .*crontab cannot be read \(ENOENT\)/));
    crontab(`${once} a.custom`);
    await until(() => said(/a here/));
    expect(scene.lines.filter((line) => line.includes('ENOENT'))).toHaveLength(1);
  });
});

describe('refused, with what to do, and nothing is run:', () => {
  const mark = (): void => {
    script('a.custom', `touch ${out('ran')}`);
    script('b.custom', 'echo the other one');
    crontab(`${once} a.custom`, `${once.replace('1', '11')} b.custom`);
  };

  test.each<[string, () => void, RegExp]>([
    [
      'group-writable',
      () => {
        chmodSync(at('a.custom'), 0o775);
      },
      /a.custom can be written by .*: chmod go-w it/,
    ],
    [
      'world-writable',
      () => {
        chmodSync(at('a.custom'), 0o757);
      },
      /a.custom can be written by .*: chmod go-w it/,
    ],
    [
      'not executable',
      () => {
        chmodSync(at('a.custom'), 0o644);
      },
      /a.custom is not executable: chmod 755 it/,
    ],
    [
      'a link that leads out',
      () => {
        renameSync(at('a.custom'), out('a.custom'));
        symlinkSync(out('a.custom'), at('a.custom'));
      },
      /a.custom is a link that leads out/,
    ],
    [
      'a link into a folder that others can write',
      () => {
        mkdirSync(at('open'));
        chmodSync(at('open'), 0o777);
        renameSync(at('a.custom'), at('open/a.custom'));
        symlinkSync('open/a.custom', at('a.custom'));
      },
      /a.custom is a link that leads out/,
    ],
    [
      'a link to nothing',
      () => {
        rmSync(at('a.custom'));
        symlinkSync('gone', at('a.custom'));
      },
      /a.custom cannot be read \(ENOENT\)/,
    ],
    [
      'a folder',
      () => {
        rmSync(at('a.custom'));
        mkdirSync(at('a.custom'));
      },
      /a.custom is no file/,
    ],
  ])('a script that is %s; the others go on', async (_what, change, message) => {
    mark();
    change();
    start();
    await until(() => said(/the other one/));
    expect(scene.lines.find((line) => line.startsWith('error: script a.custom: not run: '))).toMatch(message);
    expect(existsSync(out('ran'))).toBe(false);
  });

  test.each<[string, () => void, RegExp]>([
    [
      'the crontab is group-writable',
      () => {
        chmodSync(at('crontab'), 0o664);
      },
      /crontab can be written by/,
    ],
    [
      'the crontab is a link that leads out',
      () => {
        renameSync(at('crontab'), out('crontab'));
        symlinkSync(out('crontab'), at('crontab'));
      },
      /crontab is a link that leads out/,
    ],
    [
      'the folder is world-writable',
      () => {
        chmodSync(scene.folder, 0o777);
      },
      /custom can be written by/,
    ],
    [
      'the folder is not there',
      () => {
        renameSync(scene.folder, out('elsewhere'));
      },
      /custom cannot be read \(ENOENT\)/,
    ],
    [
      'the folder is a file',
      () => {
        renameSync(scene.folder, out('elsewhere'));
        writeFileSync(scene.folder, '');
      },
      /custom is no folder/,
    ],
  ])('all, when %s', async (_what, change, message) => {
    mark();
    change();
    start();
    await until(() => said(/error: scripts: none are run/));
    scene.stop.abort();
    await scene.started?.ended;
    expect(scene.lines.find((line) => line.startsWith('error'))).toMatch(message);
    expect(said(/the other one|started/)).toBe(false);
    expect(existsSync(out('ran'))).toBe(false);
  });

  test('what belongs to neither root nor the user of the daemon', async () => {
    mark();
    // Only root can give files away; for everybody else the daemon is somebody else.
    if (own === 0) chownSync(scene.folder, 12_345, 12_345);
    start({ uid: own === 0 ? 0 : own + 1 });
    await until(() => said(/none are run: .* belongs to the user \d+: chown it to root, or to \d+/));
    expect(existsSync(out('ran'))).toBe(false);
  });
});
