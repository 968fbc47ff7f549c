/** The log: one line per message on stderr (stdout is for what commands print), secrets taken out. */
import { Writable } from 'node:stream';
import winston from 'winston';
import { jsonLine, textLine, type LogEntry, type LogLevel } from './line.ts';
import { plainFields } from './plain.ts';
import { openRedactor } from './redact.ts';

type LogFields = Readonly<Record<string, unknown>>;

type Log = (message: string, fields?: LogFields) => void;

export type Logger = {
  readonly error: Log;
  readonly warn: Log;
  readonly info: Log;
  readonly debug: Log;
  /** The same log with the id of a run on each line. */
  readonly child: (context: { readonly run: string }) => Logger;
};

export type LoggerOptions = {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Known secrets; see redact.ts for what is done with short ones. */
  readonly secrets: readonly string[];
  /** Gets each line with its line break; default: stderr. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
};

const writeToStderr = (line: string): void => {
  process.stderr.write(line);
};

const openStream = (write: (line: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line: unknown, _encoding, done) => {
      write(String(line));
      done();
    },
  });

const rendered = Symbol('line');

/** Only the level and the finished line pass through winston. */
const openSink = ({
  level,
  write = writeToStderr,
}: LoggerOptions): ((level: LogLevel, line: string) => void) => {
  const sink = winston.createLogger({
    level,
    format: winston.format.printf((info) => String(info[rendered])),
    // winston declares its own transports as interfaces, which the rule takes for strangers.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: [new winston.transports.Stream({ stream: openStream(write), eol: '\n' })],
  });
  return (at, line) => {
    sink.log({ level: at, message: '', [rendered]: line });
  };
};

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

const openRenderer = ({ level, format, secrets, now = () => new Date() }: LoggerOptions) => {
  const redactor = openRedactor(secrets);
  const lineOf = format === 'json' ? jsonLine : textLine;
  return (entry: Pick<LogEntry, 'level' | 'message'> & { run: string | undefined; fields: LogFields }) =>
    lineOf({
      at: now(),
      level: entry.level,
      ...(entry.run === undefined ? {} : { run: redactor.text(entry.run) }),
      message: redactor.text(entry.message),
      fields: plainFields(entry.fields, { redactor, stacks: level === 'debug' }),
    });
};

/** Opens the log. Whatever is in messages and fields, each message is exactly one line and none throws. */
export function openLogger(options: LoggerOptions): Logger {
  const sink = openSink(options);
  const render = openRenderer(options);
  const enabled = new Set(levels.slice(0, levels.indexOf(options.level) + 1));
  const at =
    (level: LogLevel, run: string | undefined): Log =>
    (message, fields = {}) => {
      if (enabled.has(level)) sink(level, render({ level, run, message, fields }));
    };
  const open = (run?: string): Logger => ({
    error: at('error', run),
    warn: at('warn', run),
    info: at('info', run),
    debug: at('debug', run),
    child: (context) => open(context.run),
  });
  return open();
}
