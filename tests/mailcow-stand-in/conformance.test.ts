import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../support/mailcow/json.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { leftOut, preparations } from './left-out.ts';
import { aliasRowsIn, comparable, loadRecordings, printedAliasRow, replay } from './recordings.ts';
import type { Recording } from './recordings.ts';

const recordings = loadRecordings();
const isLeftOut = ({ file }: Recording): boolean =>
  Object.keys(leftOut).some((name) => (name.endsWith('/') ? file.startsWith(name) : file === name));

describe('the mailcow stand-in answers as the real mailcow 2026-07a was recorded', () => {
  let mailcow: MailcowStandIn;

  beforeAll(async () => {
    // The directory that the recorder had.
    const canBind = ({ port, bindpass }: JsonObject): boolean => port === '13890' && bindpass === 'ldapadmin';
    mailcow = await startMailcow({ state: {}, canBind });
  });

  afterAll(() => mailcow.close());

  // In the recorded order: each call finds what the calls before it have left.
  for (const recording of recordings.filter((one) => !isLeftOut(one))) {
    it(`answers ${recording.file} as recorded`, async () => {
      await preparations[recording.file]?.(mailcow);
      const answer = await replay(mailcow.url, recording);
      expect(comparable(answer)).toEqual(comparable(recording.response));
      for (const line of aliasRowsIn(recording)) {
        const row = mailcow.store.tables.aliases.byId(Number.parseInt(line, 10));
        expect(printedAliasRow(row)).toBe(line);
      }
    });
  }
});

describe('the list of recordings that are not replayed', () => {
  it('names only recordings that exist', () => {
    const unknown = [...Object.keys(leftOut), ...Object.keys(preparations)].filter(
      (name) => !recordings.some(({ file }) => (name.endsWith('/') ? file.startsWith(name) : file === name)),
    );
    expect(unknown).toEqual([]);
  });

  it('leaves nine in ten recordings to be replayed', () => {
    const skipped = recordings.filter(isLeftOut).length;
    expect(recordings.length).toBe(471);
    expect(skipped).toBeLessThanOrEqual(47);
  });
});
