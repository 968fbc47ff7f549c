import { oneOf, text } from '../kinds.ts';
import { withComputedDefault, withDefault } from '../setting.ts';

const containerFolder = '/db';
const fileName = 'ldap-mailcow.sqlite3';

/** The program itself. */
export const programSettings = {
  db: withComputedDefault({
    name: 'DB',
    kind: text('the path of a file'),
    line: 'The SQLite file that remembers what is managed.',
    text: `\`${containerFolder}/${fileName}\` where there is a folder \`${containerFolder}\` (in the container), else \`data/${fileName}\``,
    compute: ({ files }) =>
      files.isDirectory(containerFolder)
        ? { value: `${containerFolder}/${fileName}`, because: `there is a folder ${containerFolder}` }
        : { value: `data/${fileName}`, because: `there is no folder ${containerFolder}` },
    changesPlan: false,
  }),
  logLevel: withDefault({
    name: 'LOG_LEVEL',
    kind: oneOf('error', 'warn', 'info', 'debug'),
    line: 'The least important lines that are logged: `error`, `warn`, `info` or `debug`.',
    value: 'info',
    changesPlan: false,
  }),
  logFormat: withDefault({
    name: 'LOG_FORMAT',
    kind: oneOf('text', 'json'),
    line: 'One line of `text` or one object of `json` per message.',
    value: 'text',
    changesPlan: false,
  }),
} as const;
