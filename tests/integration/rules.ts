/** The expectations of tests/fixtures/ldif. */
import { readFileSync } from 'node:fs';
import { dnKey } from '../../src/core/dn.ts';
import type { Holdings } from '../sandbox/holdings.ts';

export type ExpectedWrite = {
  readonly kind: string;
  readonly resource: 'mailbox' | 'alias';
  readonly key: string;
  readonly fields: readonly string[];
};

export type FindingKey = { readonly code: string; readonly subject: string };

type ExpectedFile = Holdings & {
  readonly domains: readonly string[];
  readonly findings: readonly FindingKey[];
  readonly writesFirstSync?: readonly ExpectedWrite[];
  readonly writesSecondSync?: readonly ExpectedWrite[];
  readonly doneByRename?: readonly ExpectedWrite[];
};

export type Expected = Required<ExpectedFile>;

const folder = 'tests/fixtures/ldif';

/** What a directory must become; `changes` is the LDIF that was applied to it. */
export function readExpected(name: string, changes?: string): Expected {
  const file = JSON.parse(readFileSync(`${folder}/${changes ?? name}.expected.json`, 'utf8')) as ExpectedFile;
  const { writesFirstSync = [], writesSecondSync = [], doneByRename = [] } = file;
  return { ...file, filters: file.filters ?? {}, writesFirstSync, writesSecondSync, doneByRename };
}

/** Findings as comparable text: servers spell DNs in their own way. */
export function findingKeys(findings: readonly FindingKey[]): readonly string[] {
  return findings
    .map(({ code, subject }) => `${code} ${subject.includes('=') ? dnKey(subject) : subject}`)
    .sort();
}
