/** A changed question may have other members: what lists would lose by it waits for an approval (DESIGN.md 4.4). */
import type { Plan } from '../core/change.ts';
import type { GraceResult } from '../core/grace.ts';
import { shrinksList } from '../core/list-change.ts';
import type { Facts } from '../ports-state.ts';
import type { Judgement } from './judge.ts';

type Signs = {
  readonly judgement: Pick<Judgement, 'scopeChanged'>;
  readonly grace: Pick<GraceResult, 'snapshot'>;
  readonly facts: Pick<Facts, 'membersInDoubt'>;
};

/** Whether base, filters or servers changed and what follows for lists has not been approved or taken back yet. */
export function areMembersInDoubt({ judgement, grace, facts }: Signs): boolean {
  if (judgement.scopeChanged || facts.membersInDoubt === true) return true;
  return [...grace.snapshot.values()].some((entry) => entry.kind === 'group' && entry.scopeChanged);
}

/** Whether a plan would still take somebody out of a list, were it let. */
export const wouldShrinkLists = ({ held, forbidden }: Pick<Plan, 'held' | 'forbidden'>): boolean =>
  [...held, ...forbidden].some(({ change }) => shrinksList(change));
