import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openLogger, type Logger, type LoggerOptions } from '../../src/observe/logger.ts';

type Log = { readonly logger: Logger; readonly lines: readonly string[] };

const now = (): Date => new Date(2026, 10, 21, 5, 53, 1);

const open = (options: Partial<LoggerOptions> = {}): Log => {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  const logger = openLogger({ level: 'info', format: 'text', secrets: [], write, now, ...options });
  return { logger, lines };
};

/** The line of one message, without its line break. */
const lineOf = (write: (logger: Logger) => void, options: Partial<LoggerOptions> = {}): string => {
  const { logger, lines } = open(options);
  write(logger);
  expect(lines).toHaveLength(1);
  return (lines[0] ?? '').replace(/\n$/, '');
};

const jsonOf = (write: (logger: Logger) => void, options: Partial<LoggerOptions> = {}): unknown =>
  JSON.parse(lineOf(write, { ...options, format: 'json' }));

describe('a line of text', () => {
  const text = (fields: Readonly<Record<string, unknown>>): string =>
    lineOf(({ info }) => {
      info('m', fields);
    }).slice('2026-11-21 05:53:01 info  m '.length);

  test('has time, level and message', () => {
    const line = lineOf(({ warn }) => {
      warn('the directory is unreachable');
    });
    expect(line).toBe('2026-11-21 05:53:01 warn  the directory is unreachable');
  });

  test('has the id of the run and the fields', () => {
    const line = lineOf((logger) => {
      logger.child({ run: '7f3a' }).info('sync ends', { created: 3, full: true, base: 'ou=people' });
    });
    expect(line).toBe('2026-11-21 05:53:01 info  [run 7f3a] sync ends created=3 full=true base="ou=people"');
  });

  test.each([
    [{ a: 'two words' }, 'a="two words"'],
    [{ a: '' }, 'a=""'],
    [{ a: 'say "hi"' }, String.raw`a="say \"hi\""`],
    [{ a: 'a@example.test' }, 'a=a@example.test'],
    [{ a: 'x\ny' }, String.raw`a="x\ny"`],
    [{ a: 'x\u001b[31m\u2028\u202e' }, String.raw`a="x\u001b[31m\u2028\u202e"`],
    [{ a: ['x', 1, null] }, 'a=["x",1,null]'],
    [{ a: { b: 'c' } }, 'a={"b":"c"}'],
    [{ a: undefined, b: null }, 'b=null'],
    [{ a: 10n, b: Number.NaN }, 'a=10 b=NaN'],
    [{ a: new Date(0) }, 'a=1970-01-01T00:00:00.000Z'],
    [{ a: new Set(['x']), b: new Map([['k', 1]]) }, 'a=["x"] b={"k":1}'],
    [{ a: Buffer.from('abc') }, 'a="[3 octets]"'],
    [{ error: new Error('no', { cause: new Error('why\nnot') }) }, String.raw`error="no; cause: why\nnot"`],
    [{ e: new AggregateError([new Error('a'), new Error('b')]) }, 'e="AggregateError (a; b)"'],
  ])('shows %o', (fields, expected) => {
    expect(text(fields)).toBe(expected);
  });

  test('survives cycles, depth and getters that throw', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(text({ cycle })).toBe('cycle={"self":"[circular]"}');
    const trap = {
      get boom(): string {
        throw new Error('boom');
      },
    };
    expect(text(trap)).toBe('fields=[unreadable]'.replace('[unreadable]', '"[unreadable]"'));
  });
});

describe('a line of json', () => {
  test('has time, level, run, message and fields', () => {
    const entry = jsonOf((logger) => {
      logger.child({ run: '7f3a' }).error('sync failed', { error: new TypeError('no') });
    });
    expect(entry).toEqual({
      time: now().toISOString(),
      level: 'error',
      run: '7f3a',
      message: 'sync failed',
      fields: { error: { name: 'TypeError', message: 'no' } },
    });
  });

  test('leaves out what is not there', () => {
    const entry = jsonOf(({ info }) => {
      info('m');
    });
    expect(entry).toEqual({ time: now().toISOString(), level: 'info', message: 'm' });
  });
});

describe('levels', () => {
  const all = (level: LoggerOptions['level']): number => {
    const { logger, lines } = open({ level });
    logger.error('m');
    logger.warn('m');
    logger.info('m');
    logger.debug('m');
    return lines.length;
  };

  test('less important lines are left out', () => {
    expect([all('error'), all('warn'), all('info'), all('debug')]).toEqual([1, 2, 3, 4]);
  });

  test('stacks are shown to who debugs', () => {
    const failure = (logger: Logger): void => {
      logger.error('m', { error: new Error('no') });
    };
    expect(lineOf(failure)).not.toContain('at ');
    expect(lineOf(failure, { level: 'debug' })).toMatch(/error="Error: no\\n +at /);
  });
});

describe('whatever a directory holds', () => {
  // Control characters and separators are rare in arbitrary strings: mixed in here.
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        '\n',
        '\r',
        '\t',
        '\u0000',
        '\u001b',
        '\u0085',
        '\u2028',
        '\u202e',
        '"',
        '\\',
        'a',
        '=',
      ),
    }),
  );

  const isOneLine = (line: string): boolean =>
    // eslint-disable-next-line no-control-regex
    line.endsWith('\n') && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(line.slice(0, -1));

  test('a message is exactly one line of text', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (message, key, value) => {
        const { logger, lines } = open();
        logger.child({ run: key }).info(message, { [key]: value, list: [value], error: new Error(value) });
        return lines.length === 1 && lines.every(isOneLine);
      }),
    );
  });

  test('a message is exactly one object of json, and nothing of it is lost', () => {
    fc.assert(
      fc.property(nasty, nasty, (message, value) => {
        const { logger, lines } = open({ format: 'json' });
        logger.info(message, { value });
        const [line = ''] = lines;
        expect(lines).toHaveLength(1);
        expect(isOneLine(line)).toBe(true);
        expect(JSON.parse(line)).toMatchObject({ message, fields: { value } });
      }),
    );
  });

  test('any value can be a field', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const text = open();
        const json = open({ format: 'json' });
        text.logger.info('m', { value });
        json.logger.info('m', { value });
        JSON.parse(json.lines[0] ?? '');
        return text.lines.length === 1 && text.lines.every(isOneLine);
      }),
    );
  });
});

describe('secrets', () => {
  const secret = 's3cr3t/wörd"+x y';

  test('do not show in messages, fields, names of fields and errors, however they are written', () => {
    const forms: readonly string[] = [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(encodeURIComponent(secret)),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ q: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
      's3cr3t/wörd&quot;+x y',
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ];
    for (const format of ['text', 'json'] as const) {
      for (const form of forms) {
        const line = lineOf(
          ({ error }) => {
            error(`before ${form} after`, {
              url: `https://x/?q=${form}`,
              [form]: 1,
              error: new Error(form, { cause: [new Error(`${form}!`)] }),
            });
          },
          { format, secrets: [secret] },
        );
        expect(line).not.toContain(form);
        expect(line).not.toContain('s3cr3t');
        expect(line).toContain('before [hidden] after');
      }
    }
  });

  test('do not show inside basic authorization, whatever stands before and after', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
        const line = lineOf(
          ({ info }) => {
            info(encoded);
          },
          { secrets: [secret] },
        );
        expect(line).toContain('[hidden]');
      }),
    );
  });

  test('do not show in a stack', () => {
    const line = lineOf(
      ({ error }) => {
        error('m', { error: new Error(secret) });
      },
      { level: 'debug', secrets: [secret] },
    );
    expect(line).not.toContain('s3cr3t');
  });

  test('are masked by the name of their field', () => {
    const entry = jsonOf(({ info }) => {
      info('m', {
        password: 'a',
        bindPassword: 'b',
        headers: { 'X-API-Key': 'c', Authorization: 'd', accept: 'e' },
        token: 4,
        key: 'a@example.test',
        secret: undefined,
        passwordGiven: true,
      });
    });
    expect(entry).toMatchObject({
      fields: {
        password: '[hidden]',
        bindPassword: '[hidden]',
        headers: { 'X-API-Key': '[hidden]', Authorization: '[hidden]', accept: 'e' },
        token: '[hidden]',
        key: 'a@example.test',
        passwordGiven: true,
      },
    });
  });

  test('that are short words are masked as whole values and after a word like password only', () => {
    const line = lineOf(
      ({ info }) => {
        info('first sync starts, password=sync, {"api_key":"sync"}', {
          value: 'sync',
          text: 'a sync',
          list: ['sync'],
        });
      },
      { secrets: ['sync'] },
    );
    expect(line).toContain(
      'first sync starts, password=[hidden], {"api_key":"[hidden]"} value="[hidden]" text="a sync" list=["[hidden]"]',
    );
  });

  test('that are empty or look like a pattern do no harm', () => {
    const line = lineOf(
      ({ info }) => {
        info('abc (a|b)*[x]$ def', { n: 1 });
      },
      { secrets: ['', '  ', '(a|b)*[x]$'] },
    );
    expect(line).toBe('2026-11-21 05:53:01 info  abc [hidden] def n=1');
  });
});
