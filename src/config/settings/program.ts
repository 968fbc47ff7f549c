import { oneOf, text } from '../kinds.ts';
import { predecessors } from '../predecessors.ts';
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
  predecessor: withDefault({
    name: 'PREDECESSOR',
    kind: oneOf('auto', 'none', ...predecessors.map(({ name }) => name)),
    line: 'The older tool whose environment this is: `auto` (told by the names), `none`, or one of docs/migrating.md.',
    value: 'auto',
    detail:
      'What follows from it holds for the settings that are not set here. Name the tool before you change the names of its variables.',
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
