/** Active Directory sends at most 1500 values of an attribute at once: the rest is asked for here. */
import { PresenceFilter } from 'ldapts';
import { parseAttributeName, textsOf, type DecodedEntry, type Range } from './entry.ts';
import type { Session } from './session.ts';

type Part = { readonly values: readonly string[]; readonly next: number | undefined };

/** Undefined when the server did not send the part that was asked for. */
async function readPart(session: Session, dn: string, range: Range): Promise<Part | undefined> {
  let part: Part | undefined;
  const answer = await session.connection.search(
    {
      baseDN: dn,
      scope: 'base',
      filter: new PresenceFilter({ attribute: 'objectClass' }),
      attributes: [`${range.attribute};range=${range.next}-*`],
      sizeLimit: 0,
      timeLimit: 0,
    },
    {
      onEntry: (entry) => {
        for (const attribute of entry.attributes) {
          const { name, from, next } = parseAttributeName(attribute.type);
          const isIt = name === range.attribute && from === range.next && attribute.values.length > 0;
          if (isIt) part = { values: textsOf(attribute), next };
        }
      },
    },
  );
  return answer.code === 0 ? part : undefined;
}

/** Appends the missing values to the entry; false when they could not be read to their end. */
async function completeRange(session: Session, entry: DecodedEntry, first: Range): Promise<boolean> {
  const values = [...(entry.attributes[first.attribute] ?? [])];
  let next: number | undefined = first.next;
  while (next !== undefined) {
    const part = await readPart(session, entry.dn, { attribute: first.attribute, next });
    if (!part || (part.next ?? Infinity) <= next) return false;
    for (const value of part.values) values.push(value);
    next = part.next;
  }
  entry.attributes[first.attribute] = values;
  return true;
}

/**
 * Reads the attributes that the server sent only in part; returns those that stay incomplete. A lost
 * connection rejects.
 */
export async function completeRanges(session: Session, entry: DecodedEntry): Promise<readonly string[]> {
  const partial: string[] = [];
  for (const range of entry.ranges) {
    if (!(await completeRange(session, entry, range))) partial.push(range.attribute);
  }
  return partial;
}
