import { sql as first } from './001-first.ts';
import { sql as heritage } from './002-heritage.ts';
import { sql as filters } from './003-filters.ts';
import { sql as tasks } from './004-tasks.ts';
import { sql as journalIndex } from './005-journal-index.ts';
import { sql as pins } from './006-pins.ts';

/** Every schema change in order; the file's user_version says how many have been made. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '001-first', sql: first },
  { name: '002-heritage', sql: heritage },
  { name: '003-filters', sql: filters },
  { name: '004-tasks', sql: tasks },
  { name: '005-journal-index', sql: journalIndex },
  { name: '006-pins', sql: pins },
];
