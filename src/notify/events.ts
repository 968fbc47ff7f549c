/**
 * What somebody has to be told, by comparing how things stand with what they were told last: whatever could not be
 * delivered is still a difference at the next sync (docs/decisions/001-mirror-and-level-triggered-planning.md).
 */

/** Held changes of one kind. Numbers and words of ours alone: who it is about is in the log and in `plan`. */
export type HeldGroup = {
  /** What `approve` takes. */
  readonly id: string;
  /** `deactivate mailbox`. */
  readonly kind: string;
  readonly count: number;
  /** How many of these are managed, where that is counted. */
  readonly of?: number;
  readonly command: string;
};

/** How things stand at the end of a sync. */
export type Situation = {
  readonly run: string;
  /** Only a sync that read everything knows what is held; undefined: what was known still holds. */
  readonly held: readonly HeldGroup[] | undefined;
  /** Syncs that failed since the last good one. */
  readonly failures: number;
  /** Of the last of them, in words that name nobody. */
  readonly cause: string;
};

/** What was delivered last. */
export type Told = {
  /** The id of the hold; empty: none. */
  readonly hold: string;
  /** How many failures in a row; 0: none. */
  readonly failures: number;
};

export type News = {
  readonly event: 'hold' | 'hold-cleared' | 'failure' | 'recovery';
  /** One sentence. */
  readonly message: string;
  readonly holds: readonly HeldGroup[];
  readonly failures: number;
  readonly run: string;
  /** What has been told once this is delivered. */
  readonly told: Partial<Told>;
};

/** The first failures may be an outage that passes. */
const firstTold = 3;

/** The third failure in a row, the tenth, the hundredth, …: the largest of these that is not above the number. */
export function failuresToTell(failures: number): number {
  if (failures < firstTold) return 0;
  return failures < 10 ? firstTold : 10 ** (String(Math.floor(failures)).length - 1);
}

const groupText = ({ kind, count, of }: HeldGroup): string => {
  const [verb = '', noun = ''] = kind.split(' ');
  return `${verb} ${noun} ${count}${of === undefined ? '' : ` of ${of} managed`}`;
};

function holdNews({ run, held, failures }: Situation, told: Told): readonly News[] {
  if (held === undefined) return [];
  const [first] = held;
  const base = { run, holds: held, failures };
  if (first === undefined) {
    if (told.hold === '') return [];
    const message = `nothing is held back any more (it was ${told.hold})`;
    return [{ ...base, event: 'hold-cleared', message, told: { hold: '' } }];
  }
  if (first.id === told.hold) return [];
  const count = held.reduce((sum, group) => sum + group.count, 0);
  const changes = count === 1 ? '1 change is' : `${count} changes are`;
  const message = `${changes} held back (${held.map(groupText).join(', ')}); look at "ldap-mailcow plan", and if it is meant: ${first.command}`;
  return [{ ...base, event: 'hold', message, told: { hold: first.id } }];
}

function failureNews({ run, held, failures, cause }: Situation, told: Told): readonly News[] {
  const base = { run, holds: held ?? [], failures };
  if (failures === 0 && told.failures > 0) {
    const message = `syncs work again, after ${told.failures} or more that failed`;
    return [{ ...base, event: 'recovery', message, told: { failures: 0 } }];
  }
  const level = failuresToTell(failures);
  // Fewer than were told: they are others, and of the recovery in between nobody could be told.
  const known = failures < told.failures ? 0 : told.failures;
  if (level <= known) return [];
  const message = `${failures} syncs in a row have failed: ${cause}`;
  return [{ ...base, event: 'failure', message, told: { failures: level } }];
}

/** What is to be told now, in this order; nothing when nothing has changed. */
export function newsOf(situation: Situation, told: Told): readonly News[] {
  return [...failureNews(situation, told), ...holdNews(situation, told)];
}
