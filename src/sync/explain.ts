/** What a sync says of the reading it stands on, beside the plan. */
import type { Skip } from '../core/change.ts';
import type { GraceResult } from '../core/grace.ts';
import type { Finding } from '../core/model.ts';
import { isStrayId } from '../core/watch.ts';
import { isPlaceholder } from './draft.ts';
import { declareCommand, type Judgement } from './judge.ts';
import type { Memory } from './memory.ts';

/** Mailboxes that stay because their owners are in grace, or absent from a reading that does not count. */
export function graceSkips({
  grace,
  memory,
  remembered,
  graceReadings,
}: {
  readonly grace: GraceResult;
  readonly memory: Memory;
  /** The snapshot before this reading. */
  readonly remembered: Memory['snapshot'];
  readonly graceReadings: number;
}): readonly Skip[] {
  const skips: Skip[] = [];
  for (const row of memory.ledger.mailboxes.values()) {
    if (isStrayId(row.directoryId)) continue;
    const entry = grace.snapshot.get(row.directoryId);
    if (entry === undefined || !grace.absent.has(row.directoryId) || grace.gone.has(row.directoryId))
      continue;
    const { missing } = entry;
    const missingSince = remembered.get(row.directoryId)?.missingSince;
    const who = isPlaceholder(entry.entry) ? `its owner (id ${row.directoryId})` : entry.entry.dn;
    const since = missingSince === undefined ? '' : ` since ${missingSince}`;
    const reason =
      missing === 0
        ? `${who} is not in this reading, which does not count`
        : `${who} is missing in ${missing} of ${graceReadings} readings${since}`;
    skips.push({ resource: 'mailbox', key: row.key, reason });
  }
  return skips;
}

const lostAttribute = (name: string): string =>
  name.startsWith('group:') ? `groups had ${name.slice('group:'.length)}` : `people had ${name}`;

/** What the reading itself, and mailcow as a whole, have to say to an administrator. */
export function readingFindings(judgement: Judgement, halfDeleted: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const message of judgement.problems) {
    findings.push({ code: 'reading-incomplete', subject: message.slice(0, 60), message });
  }
  for (const name of judgement.lostAttributes) {
    findings.push({
      code: 'attribute-vanished',
      subject: name,
      message: `${lostAttribute(name)} before, and now none has: what would follow from that is held back; may the bind user still read it? If it is right so, type: ${declareCommand(`attribute:${name}`)}`,
    });
  }
  if (halfDeleted > 0) {
    findings.push({
      code: 'half-deleted-mailbox',
      subject: 'mailcow',
      message: `${halfDeleted} mailboxes or resources have no readable row in mailcow (a deletion stopped half-way): delete them again in mailcow`,
    });
  }
  return findings;
}
