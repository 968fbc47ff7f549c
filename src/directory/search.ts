/** A search that is read to its proven end, or says why it was not. */
import { PagedResultsControl, type Filter, type SearchEntry } from 'ldapts';
import type { Answer } from './answer.ts';
import { explainSearch } from './explain-result.ts';
import type { Session } from './session.ts';

export type Query = {
  readonly baseDn: string;
  readonly scope: 'sub' | 'one' | 'base';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly pageSize: number;
  /** lldap does not page: it sends everything at once, has no size limit, and older ones ignore the control. */
  readonly pagingRequired: boolean;
};

export type SearchEnd = {
  /** Undefined when the search ran to its end; otherwise half a sentence that says why not. */
  readonly cut: string | undefined;
  /** What cut it: the server's result code, or the error that ended the connection. */
  readonly by?: Answer | Error;
  /** Whether the server answered with a paging control. */
  readonly paged: boolean;
};

/** So many pages in a row without one new entry: the server turns in a circle. */
const mostBarrenPages = 1000;

export type Collect = {
  /** Takes an entry; true when it was not seen before. Undefined: entries are not decoded. */
  readonly entry?: (entry: SearchEntry) => boolean;
  /** Takes an entry as it came, from the tag of its operation on; before `entry`. */
  readonly bytes?: (bytes: Buffer) => void;
  /** Whether to end after this page; undefined: never. */
  readonly isEnough?: () => boolean;
};

type Page = { readonly answer: Answer; readonly brought: number };

async function readPage(
  session: Session,
  query: Query,
  { paging, collect }: { readonly paging: PagedResultsControl; readonly collect: Collect },
): Promise<Page> {
  let brought = 0;
  const { entry, bytes } = collect;
  const answer = await session.connection.search(
    {
      baseDN: query.baseDn,
      scope: query.scope,
      filter: query.filter,
      attributes: [...query.attributes],
      // 0: only the server's own limits. A size limit of ours would make its code 4 look like ours, and
      // ldapts would send a time limit of 10 s (facts/ldap.md sections 1 and 2).
      sizeLimit: 0,
      timeLimit: 0,
      controls: [paging],
    },
    {
      ...(bytes && {
        onBytes: (content: Buffer) => {
          bytes(content);
          // Whether it is a new one cannot be told: `isEnough` ends a circle of these.
          if (entry === undefined) brought += 1;
        },
      }),
      ...(entry && {
        onEntry: (found: SearchEntry) => {
          if (entry(found)) brought += 1;
        },
      }),
    },
  );
  return { answer, brought };
}

/**
 * Reads page after page until the server gives no cookie back: the only end that counts. An empty page with
 * a cookie is not the end; any result code but success is; so is an answer that does not page. Does not throw.
 */
export async function readAll(session: Session, query: Query, collect: Collect): Promise<SearchEnd> {
  const paging = new PagedResultsControl({ critical: true, value: { size: query.pageSize } });
  let barren = 0;
  try {
    for (;;) {
      const { answer, brought } = await readPage(session, query, { paging, collect });
      const paged = answer.cookie !== undefined;
      if (answer.code !== 0) return { cut: explainSearch(answer), by: answer, paged };
      if (!answer.cookie && query.pagingRequired) return { cut: unpaged, by: answer, paged };
      if (!answer.cookie?.length) return { cut: undefined, paged };
      if (collect.isEnough?.() === true) return { cut: enough, by: answer, paged };
      barren = brought > 0 ? 0 : barren + 1;
      if (barren === mostBarrenPages) return { cut: circling, by: answer, paged };
      paging.value = { size: query.pageSize, cookie: answer.cookie };
    }
  } catch (error) {
    const explained = session.explain(error);
    return { cut: explained.message, by: explained, paged: true };
  }
}

const enough = 'more entries came than were wanted';
const unpaged =
  'the server ignored the paging control, so nobody can know whether its answer is complete (if it is lldap, set LDAP_MAILCOW_LDAP_DIALECT=lldap)';
const circling = `the server sent ${mostBarrenPages} pages in a row without a new entry`;
