/** Pages that are read to their end, with and without decoding what is on them. */
import { expect, test } from '@jest/globals';
import { PresenceFilter } from 'ldapts';
import type { Takers } from '../../src/directory/connection.ts';
import { readAll, type Query } from '../../src/directory/search.ts';
import type { Session } from '../../src/directory/session.ts';

const query: Query = {
  baseDn: 'dc=example,dc=test',
  scope: 'sub',
  filter: new PresenceFilter({ attribute: 'objectClass' }),
  attributes: ['mail'],
  pageSize: 1,
  pagingRequired: true,
};

/** One entry on each page. */
function paging(pages: number): Session {
  let page = 0;
  const search = (_: unknown, { onBytes }: Takers) => {
    page += 1;
    onBytes?.(Buffer.from(`entry ${page}`));
    return Promise.resolve({ code: 0, cookie: Buffer.from(page < pages ? 'more' : '') });
  };
  return { connection: { search }, explain: (error: Error) => error } as unknown as Session;
}

test('pages that bring entries are no circle, also where none is decoded', async () => {
  let count = 0;
  const bytes = (): void => {
    count += 1;
  };
  const end = await readAll(paging(1500), query, { bytes, isEnough: () => count > 1500 });
  expect({ cut: end.cut, count }).toEqual({ cut: undefined, count: 1500 });
});
