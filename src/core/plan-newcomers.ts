/** People without a mailbox of their own yet: created, adopted, taken over, or moved to another domain. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields } from './change.ts';
import type { CurrentState } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import { isImportedId, switchedOff } from './heritage.ts';
import type { LedgerEntry } from './ledger.ts';
import { markOfTags } from './mark.ts';
import type { Mailbox } from './model.ts';
import {
  comingDomain,
  handsOff,
  isProtected,
  mailboxChange,
  note,
  type Notes,
  type PlanContext,
  type PlanInput,
} from './plan-context.ts';
import { freeFromAlias } from './plan-free.ts';
import { loginOfNew, noteForeignLogin } from './plan-login.ts';
import { isTheList, notNoList } from './plan-no-list.ts';
import { fits, newQuota, takeRoom } from './plan-room.ts';
import { isStrayId } from './watch.ts';

function planCreate(
  person: DesiredMailbox,
  notes: Notes,
  context: { readonly input: PlanInput; readonly needs: readonly string[]; readonly movedFrom?: string },
): void {
  const quotaMiB = newQuota(person, context.input);
  const room = notes.room.get(domainOf(person.address));
  if (room !== undefined) room.mailboxes -= 1;
  takeRoom(person.address, quotaMiB, notes);
  // A list takes mail when its filter is there.
  const isOn = person.enabled && person.list !== true;
  const active = isOn ? 1 : person.list === true ? 0 : context.input.settings.inactiveState;
  const tls: Fields = {
    ...(person.tlsEnforceIn === undefined ? {} : { tlsEnforceIn: person.tlsEnforceIn }),
    ...(person.tlsEnforceOut === undefined ? {} : { tlsEnforceOut: person.tlsEnforceOut }),
  };
  const reason = person.enabled
    ? `${person.dn} is in the directory`
    : `${person.dn} is in the directory, disabled`;
  notes.changes.push(
    mailboxChange(
      {
        kind: 'create',
        key: person.address,
        directoryId: person.id,
        reason,
        stage: stages.mailbox,
        ...(context.movedFrom === undefined ? {} : { movedFrom: context.movedFrom }),
        ...(person.list && { list: true }),
      },
      {
        after: { name: person.name, quotaMiB, active, ...tls, ...loginOfNew(person, context.input) },
        needs: [...context.needs, ...comingDomain(person.address, notes)],
      },
    ),
  );
}

const formerOwner = (person: DesiredMailbox, notes: Notes): void => {
  notes.blocked.add(person.id);
  notes.lookups.addresses.add(person.address);
  note(notes, {
    code: 'address-has-former-owner',
    subject: person.address,
    message: `${person.dn} has a new directory id, but the mailbox belongs to another one: nobody's mail is handed on by itself; delete or rename the old mailbox, or give the person another address`,
  });
};

function whyAdopted({ dn }: DesiredMailbox, formerId: string | undefined): string {
  if (formerId === undefined) return `the mailbox of ${dn} exists already; it is marked, nothing else`;
  if (isStrayId(formerId)) return `nobody in the directory had it until now; it is the mailbox of ${dn}`;
  return isImportedId(formerId)
    ? `only the older tool's file spoke for it until now; it is the mailbox of ${dn}`
    : `${dn} was created anew in the directory; its mailbox follows the new id`;
}

function planAdopt(person: DesiredMailbox, mailbox: Mailbox, context: AdoptContext): void {
  const { input, notes, formerId, movedFrom } = context;
  const reason = whyAdopted(person, formerId);
  if (!input.settings.adopt && (formerId === undefined || isStrayId(formerId))) {
    notes.blocked.add(person.id);
    noteForeignLogin(person, mailbox, context);
    notes.skips.push({
      resource: 'mailbox',
      key: mailbox.address,
      reason: 'exists and LDAP_MAILCOW_ADOPT=false',
    });
    return;
  }
  notes.changes.push(
    mailboxChange({
      kind: 'adopt',
      key: mailbox.address,
      directoryId: person.id,
      reason,
      stage: stages.mailbox,
      ...(formerId !== undefined && { formerId }),
      ...switchedOff(input.heritage?.mailboxes.get(mailbox.address), mailbox),
      ...(movedFrom !== undefined && { movedFrom }),
    }),
  );
}

/** No person of the directory had it before. */
const isNobodys = (id: string): boolean => isImportedId(id) || isStrayId(id);

type AdoptContext = PlanContext & { readonly formerId?: string; readonly movedFrom?: string };

/** A mailbox stands at the address of a person who has none yet. */
export function planExisting(person: DesiredMailbox, mailbox: Mailbox, context: AdoptContext): void {
  const { input, notes } = context;
  const keep = handsOff(mailbox, input);
  if (keep !== undefined) {
    noteForeignLogin(person, mailbox, context);
    notes.skips.push({ resource: 'mailbox', key: mailbox.address, reason: keep });
    return;
  }
  const owner = input.ledger.mailboxes.get(mailbox.address)?.directoryId;
  const mark = markOfTags(mailbox.tags, input.settings.owner);
  if (mark !== undefined && mark.owner !== input.settings.owner) {
    notes.blocked.add(person.id);
    notes.lookups.addresses.add(person.address);
    noteForeignLogin(person, mailbox, context);
    note(notes, {
      code: 'foreign-owner',
      subject: mailbox.address,
      message: `managed by another ldap-mailcow ("${mark.owner}"): it is never touched here`,
    });
    return;
  }
  const formerId = owner ?? mark?.directoryId;
  if (person.list === true && !isTheList(person, mailbox, { formerId, input })) {
    notNoList(person, notes);
    return;
  }
  if (formerId === undefined || formerId === person.id) planAdopt(person, mailbox, context);
  else if (isNobodys(formerId) || input.successors.get(formerId) === person.id)
    planAdopt(person, mailbox, { ...context, formerId });
  else {
    noteForeignLogin(person, mailbox, context);
    formerOwner(person, notes);
  }
}

/** A person without a mailbox of ours at the wanted address. */
export function planNewcomer(person: DesiredMailbox, context: NewcomerContext): void {
  const { input, notes, current, renames } = context;
  const existing = current.mailboxes.get(person.address);
  if (existing !== undefined) {
    const { movedFrom } = context;
    planExisting(person, existing, { input, notes, ...(movedFrom !== undefined && { movedFrom }) });
    return;
  }
  if (current.halfDeleted?.has(person.address) === true) {
    notes.blocked.add(person.id);
    note(notes, {
      code: 'half-deleted-mailbox',
      subject: person.address,
      message:
        'its deletion stopped half-way in mailcow, so it can be neither used nor made anew: delete it again in mailcow',
    });
    return;
  }
  if (isProtected(person.address, input.settings)) {
    notes.blocked.add(person.id);
    notes.skips.push({ resource: 'mailbox', key: person.address, reason: 'the address is protected' });
    return;
  }
  // Before an alias is removed for it: a mailbox that does not fit frees nothing.
  if (!fits(person, newQuota(person, input), notes)) {
    notes.blocked.add(person.id);
    return;
  }
  const freed = freeFromAlias(person, { input, notes });
  if (freed === undefined) return;
  const vacated = renames.filter((rename) => rename.key === person.address).map(changeId);
  const { movedFrom } = context;
  planCreate(person, notes, {
    input,
    needs: [...freed, ...vacated],
    ...(movedFrom === undefined ? {} : { movedFrom }),
  });
}

export type NewcomerContext = {
  readonly input: PlanInput;
  readonly notes: Notes;
  readonly current: CurrentState;
  readonly renames: readonly Change[];
  readonly movedFrom?: string;
};

/** A changed domain: mailcow cannot rename across domains, so a new mailbox comes and the old one stays. */
export function planMove(person: DesiredMailbox, row: LedgerEntry, context: NewcomerContext): void {
  if (person.list === true) {
    planNewcomer(person, { ...context, movedFrom: row.key });
    return;
  }
  note(context.notes, {
    code: 'mailbox-moved-domain',
    subject: row.key,
    message: `${person.dn} is now ${person.address}: mailcow cannot rename across domains, so the mailbox ${row.key} stays with its mail; bring it over with an IMAP sync job from ${row.key} to ${person.address}, then delete it`,
  });
  planNewcomer(person, { ...context, movedFrom: row.key });
}
