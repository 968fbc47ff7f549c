/** Files as they should be, to be read by people: UPDATE_GOLDEN=1 writes them anew. */
import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';

/** Compares a text with tests/fixtures/logins/NAME. */
export function expectGolden(name: string, text: string): void {
  const path = `tests/fixtures/logins/${name}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
