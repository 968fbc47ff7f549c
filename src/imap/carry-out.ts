/** Carrying out the steps of an import, one after the other, with a line for each that did not go through. */
import type { ActionResult } from './actions-parts.ts';
import type { Step } from './import-steps.ts';
import type { Input } from './input-fields.ts';

export type CarryOut = {
  readonly create: (input: Input) => Promise<ActionResult>;
  /** One sentence for people. */
  readonly say: (sentence: string) => void;
  /** Only tell what would be done. */
  readonly checkOnly: boolean;
};

type Tally = { created: number; failed: number; updated: number; skipped: number };

/** `summary` is ns8's last line: `N created, N failed[, N updated][, N skipped]`. */
export type Imported = { readonly failed: number; readonly summary: string };

/** Carries them out in their order. When mailcow cannot be reached any more, says how far it came and throws on. */
export async function carryOut(
  steps: readonly Step[],
  { create, say, checkOnly }: CarryOut,
): Promise<Imported> {
  const tally: Tally = { created: 0, failed: 0, updated: 0, skipped: 0 };
  const told = new Set<string>();
  const tellOnce = (note: string): void => {
    if (!told.has(note)) say(note);
    told.add(note);
  };
  for (const [index, step] of steps.entries()) {
    try {
      const { outcome, notes } = await take(step, { create, say, checkOnly });
      tally[outcome] += 1;
      notes.forEach(tellOnce);
    } catch (error) {
      say(`${step.where}: ${step.account}: stopped here, ${steps.length - index - 1} more were not tried`);
      say(summaryOf(tally, checkOnly));
      throw error;
    }
  }
  return { failed: tally.failed, summary: summaryOf(tally, checkOnly) };
}

type Taken = { readonly outcome: keyof Tally; readonly notes: readonly string[] };

async function take(step: Step, { create, say, checkOnly }: CarryOut): Promise<Taken> {
  const tell = (what: string): void => {
    say(`${step.where}: ${step.account}: ${what}`);
  };
  if (!('input' in step)) {
    tell(`${step.kind === 'refuse' ? 'refused' : 'skipped'}: ${step.why}`);
    return { outcome: step.kind === 'refuse' ? 'failed' : 'skipped', notes: [] };
  }
  for (const remark of step.remarks) tell(remark);
  const outcome = step.kind === 'create' ? 'created' : 'updated';
  if (checkOnly) {
    tell(`would be ${outcome}`);
    return { outcome, notes: [] };
  }
  const { code, notes } = await create(step.input);
  if (code === 0) return { outcome, notes };
  tell(`refused: ${notes.join('; ')}`);
  return { outcome: 'failed', notes: [] };
}

function summaryOf({ created, failed, updated, skipped }: Tally, checkOnly: boolean): string {
  const parts = [
    `${created} created`,
    `${failed} failed`,
    ...(updated > 0 ? [`${updated} updated`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${checkOnly ? 'nothing was written; it would be: ' : ''}${parts.join(', ')}`;
}
