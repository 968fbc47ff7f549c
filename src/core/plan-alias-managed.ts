/** Aliases that are ours already: what differs, who changed it, and whose they are now. */
import { stages, type Fields, type Stage } from './change.ts';
import { isActive, sameGoto } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Alias } from './model.ts';
import {
  aliasChange,
  finding,
  flagNames,
  listOf,
  ordinaryFlags,
  shortly,
  targetOf,
  type AliasContext,
} from './plan-alias-context.ts';
import type { PlanInput } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';

const stageOf: Readonly<Record<'update' | 'deactivate' | 'reactivate', Stage>> = {
  update: stages.alias,
  reactivate: stages.alias,
  deactivate: stages.deactivateAlias,
};

type Difference = {
  readonly kind: 'update' | 'deactivate' | 'reactivate';
  readonly before: Fields;
  readonly after: Fields;
};

function differingFlags(alias: DesiredAlias, existing: Alias): readonly [Fields, Fields] {
  const names = flagNames.filter((name) => alias[name] !== undefined && alias[name] !== existing[name]);
  return [
    Object.fromEntries(names.map((name) => [name, existing[name]])),
    Object.fromEntries(names.map((name) => [name, alias[name]])),
  ];
}

/** goto and active together are one update; what an administrator switched off stays off. */
function differenceOf(
  alias: DesiredAlias,
  existing: Alias,
  mayReactivate: boolean,
): Difference | 'by-hand' | undefined {
  const moved = !sameGoto(existing.goto, alias.goto);
  const toggled = isActive(existing.active) !== alias.active;
  const blocked = toggled && alias.active && !mayReactivate;
  if (!moved && blocked) return 'by-hand';
  const toggles = toggled && !blocked;
  const [flagsBefore, flags] = differingFlags(alias, existing);
  const changed = moved || Object.keys(flags).length > 0;
  if (!changed && !toggles) return undefined;
  const [gotoBefore, goto] = moved ? [{ goto: existing.goto }, { goto: alias.goto }] : [{}, {}];
  const [activeBefore, active] = toggles
    ? [{ active: existing.active }, { active: alias.active ? 1 : 0 }]
    : [{}, {}];
  return {
    kind: changed ? 'update' : alias.active ? 'reactivate' : 'deactivate',
    before: { ...gotoBefore, ...activeBefore, ...flagsBefore },
    after: { ...goto, ...active, ...flags },
  };
}

/** We left it as the directory wants it: whatever differs was changed in mailcow. */
function isDrift(alias: DesiredAlias, existing: Alias, row: LedgerEntry): boolean {
  const { goto } = row.applied ?? {};
  const moved = goto !== undefined && sameGoto(goto, alias.goto) && !sameGoto(existing.goto, alias.goto);
  const toggled = !alias.active && isActive(existing.active) && row.lastActive === false;
  return moved || toggled;
}

/** The same, without the flags that are no longer as we left them. */
function withoutDriftedFlags(
  alias: DesiredAlias,
  existing: Alias,
  { notes, row }: Pick<AliasContext, 'notes'> & { readonly row: LedgerEntry },
): DesiredAlias {
  const { applied = {} } = row;
  const drifted = flagNames.filter(
    (name) => alias[name] !== undefined && applied[name] === alias[name] && existing[name] !== alias[name],
  );
  if (drifted.length === 0) return alias;
  noteDrift(alias.address, `${drifted.join(', ')} changed`, notes);
  const left = Object.entries(alias).filter(([name]) => !drifted.some((flag) => flag === name));
  return Object.fromEntries(left) as DesiredAlias;
}

/** Everything is as it should be, except whose it is. */
function planRemark(alias: DesiredAlias, { notes, companions }: AliasContext): void {
  const { address, directoryId } = alias;
  notes.changes.push(
    aliasChange(
      { kind: 'adopt', key: address, directoryId, ...listOf(alias) },
      {
        reason: `belongs to ${targetOf(alias)} in the directory now; its mark follows`,
        stage: stages.alias,
        needs: companions.get(directoryId) ?? [],
      },
    ),
  );
}

/** An alias that passes from a person to a group, or back, leaves the flags of the former kind behind. */
function asItsKind(alias: DesiredAlias, row: LedgerEntry, { groupIds }: PlanInput): DesiredAlias {
  const isList = alias.list !== undefined;
  if (row.directoryId === alias.directoryId || groupIds.has(row.directoryId) === isList) return alias;
  return { ...ordinaryFlags({ isList }), ...alias };
}

/** An alias of ours: brought to where the directory wants it, but never against an administrator's hand. */
export function planManagedAlias(
  wanted: DesiredAlias,
  existing: Alias,
  context: AliasContext & { row: LedgerEntry },
): void {
  const { notes, row } = context;
  const sameOwner = row.directoryId === wanted.directoryId;
  const report = context.input.settings.reportDrift === true && sameOwner;
  const alias = report
    ? withoutDriftedFlags(wanted, existing, context)
    : asItsKind(wanted, row, context.input);
  if (report && isDrift(alias, existing, row)) {
    noteDrift(alias.address, `changed (it leads to ${shortly(existing.goto)})`, notes);
    return;
  }
  const difference = differenceOf(alias, existing, row.lastActive === false);
  if (difference === undefined) {
    // A take-over marks them itself.
    const comesAlong = context.input.successors.get(row.directoryId) === alias.directoryId;
    if (!sameOwner && !comesAlong) planRemark(alias, context);
    return;
  }
  if (difference === 'by-hand') {
    finding(notes, 'changed-by-hand', {
      subject: alias.address,
      message:
        'deactivated in mailcow by hand, so it is not reactivated; activate it there if it should work',
    });
    return;
  }
  const { kind, before, after } = difference;
  notes.changes.push(
    aliasChange(
      { kind, key: alias.address, directoryId: alias.directoryId, ...listOf(alias) },
      {
        before,
        after,
        reason: reasonOf(kind, alias, sameOwner),
        stage: stageOf[kind],
        needs: context.companions.get(alias.directoryId) ?? [],
      },
    ),
  );
}

function reasonOf(
  kind: 'update' | 'deactivate' | 'reactivate',
  alias: DesiredAlias,
  sameOwner: boolean,
): string {
  const target = targetOf(alias);
  if (kind === 'deactivate') return `${target} is disabled`;
  if (kind === 'reactivate') return `${target} is enabled`;
  return sameOwner ? `leads to ${target} now` : `belongs to ${target} in the directory now`;
}
