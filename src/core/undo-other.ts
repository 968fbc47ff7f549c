/** Writes to what has no row in the ledger, taken back: filters of lists, sync jobs of the migration, domains. */
import { domainOf } from './address.ts';
import type { WrittenChange } from './before-image.ts';
import type { Fields } from './change.ts';
import { isOurDomain } from './domain-settings.ts';
import type { MailboxJobs } from './migration.ts';
import type { Domain } from './model.ts';
import { findOurs } from './undo-mailbox.ts';
import { addressNow, back, fieldsBack, lost, pushBack, stays, type Work } from './undo-context.ts';

function undoFilterFields(written: WrittenChange, key: string, work: Work): void {
  const shown = work.scene.filters.get(key);
  if (shown?.id === undefined) {
    stays(written, 'is not there any more', work);
    return;
  }
  const { filter } = written.image;
  const image = filter?.goto === undefined ? {} : { goto: filter.goto };
  const now = shown.goto === undefined ? {} : { goto: shown.goto };
  if (filter?.script !== undefined) {
    lost(written, 'its script was of another hand: write it again in mailcow', work);
    return;
  }
  const fields = fieldsBack(written, { shown: now, image }, work);
  if (fields === undefined) return;
  pushBack(back(written, work.input, { kind: 'update', key, ...fields }), work);
  work.scene.filters.set(key, { ...shown, goto: fields.after.goto ?? [] });
}

function undoFilterCreate(written: WrittenChange, key: string, work: Work): void {
  const shown = work.scene.filters.get(key);
  if (shown?.id === undefined) {
    stays(written, 'is not there any more', work);
    return;
  }
  pushBack(back(written, work.input, { kind: 'delete', key, before: { goto: shown.goto ?? [] } }), work);
  work.scene.filters.set(key, { address: key, active: false, hasRival: shown.hasRival });
}

function undoFilterDelete(written: WrittenChange, key: string, work: Work): void {
  const { goto } = written.image.filter ?? {};
  if (goto === undefined || work.scene.filters.get(key)?.id !== undefined) {
    stays(written, 'has a filter again, or had none that leads to addresses', work);
    return;
  }
  pushBack(back(written, work.input, { kind: 'create', key, after: { goto } }), work);
}

/** Takes back one write to the filter of a list. */
export function undoFilter(written: WrittenChange, work: Work): void {
  const key = addressNow(written.change.key, work);
  const { kind } = written.change;
  if (kind === 'release')
    lost(written, 'gave up its mark: the next sync of an adopted list writes it anew', work);
  // It has no mark of its entry: that of its mailbox counts.
  else if (findOurs(written, key, work) === undefined) return;
  else if (kind === 'create') undoFilterCreate(written, key, work);
  else if (kind === 'delete') undoFilterDelete(written, key, work);
  else undoFilterFields(written, key, work);
}

const jobFields = (own: MailboxJobs['own']): Fields =>
  own === undefined
    ? {}
    : {
        host: own.host,
        port: own.port,
        login: own.user,
        security: own.security,
        exclude: own.exclude,
        options: own.customParams,
        intervalMinutes: own.intervalMinutes,
        deleteThere: own.deleteThere,
        deleteHere: own.deleteHere,
        active: Number(own.active),
      };

function undoJobFields(written: WrittenChange, key: string, work: Work): void {
  const jobs = work.scene.syncJobs.get(key);
  const own = jobs?.own;
  if (own === undefined) {
    stays(written, 'is not there any more', work);
    return;
  }
  const fields = fieldsBack(
    written,
    { shown: jobFields(own), image: jobFields(written.image.syncJobs?.own) },
    work,
  );
  if (fields === undefined) return;
  const { active } = fields.after;
  const kind =
    active === undefined || written.change.kind === 'update'
      ? 'update'
      : active === 1
        ? 'reactivate'
        : 'deactivate';
  pushBack(back(written, work.input, { kind, key, ...fields }), work);
  if (active !== undefined)
    work.scene.syncJobs.set(key, {
      ...jobs,
      mailbox: key,
      others: jobs?.others ?? [],
      own: { ...own, active: active === 1 },
    });
}

function undoJobCreate(written: WrittenChange, key: string, work: Work): void {
  const own = work.scene.syncJobs.get(key)?.own;
  if (own?.active !== true) {
    stays(written, own === undefined ? 'is not there any more' : 'is off already', work);
    return;
  }
  const reason = `run ${work.input.run} created it: it stays, switched off`;
  const fields = { before: { active: 1 }, after: { active: 0 } };
  pushBack(back(written, work.input, { kind: 'deactivate', key, reason, ...fields }), work);
}

/** Takes back one write to a sync job. */
export function undoSyncJob(written: WrittenChange, work: Work): void {
  const key = addressNow(written.change.key, work);
  if (!work.input.hasMigration) {
    lost(
      written,
      'no migration is configured any more, so its job cannot be told: see to it in mailcow',
      work,
    );
    return;
  }
  const { kind } = written.change;
  if (kind === 'release') lost(written, 'gave up its mark: nobody can tell it from others', work);
  else if (findOurs(written, key, work) === undefined) return;
  else if (kind === 'create') undoJobCreate(written, key, work);
  else undoJobFields(written, key, work);
}

const domainFields = (domain: Domain | undefined): Fields =>
  domain === undefined
    ? {}
    : {
        maxMailboxes: domain.maxMailboxes,
        maxAliases: domain.maxAliases,
        defaultQuotaMiB: domain.defaultQuotaMiB,
        maxMailboxQuotaMiB: domain.maxMailboxQuotaMiB,
        quotaMiB: domain.quotaMiB,
        gal: domain.gal,
        description: domain.description,
      };

const within = (name: string, addresses: Iterable<string>): number =>
  [...addresses].filter((address) => domainOf(address) === name).length;

/** mailcow refuses less than what is in use, and ignores a 0 (facts/mailcow-api.md sections 2 and 5). */
function whyTooLittle(
  name: string,
  { maxMailboxes, maxAliases, quotaMiB, maxMailboxQuotaMiB, ...rest }: Fields,
  { scene }: Work,
): string | undefined {
  const boxes = [...scene.mailboxes.values()].filter(({ address }) => domainOf(address) === name);
  const used = boxes.reduce((sum, box) => sum + box.quotaMiB, 0);
  const largest = Math.max(0, ...boxes.map((box) => box.quotaMiB));
  if (maxMailboxes !== undefined && maxMailboxes < boxes.length) return `${boxes.length} mailboxes are in it`;
  const aliases = within(name, scene.aliases.keys());
  if (maxAliases !== undefined && maxAliases < aliases) return `${aliases} aliases are in it`;
  if (quotaMiB !== undefined && quotaMiB < used) return `its mailboxes take ${used} MiB`;
  if (maxMailboxQuotaMiB !== undefined && maxMailboxQuotaMiB < largest)
    return `a mailbox in it has ${largest} MiB`;
  const zeros = [maxAliases, quotaMiB, maxMailboxQuotaMiB, rest.defaultQuotaMiB];
  return zeros.includes(0) ? 'mailcow takes no 0' : undefined;
}

function undoDomainFields(written: WrittenChange, work: Work): void {
  const { key } = written.change;
  const { scene, input } = work;
  const domain = scene.domains.get(key);
  if (domain === undefined) {
    stays(written, 'is not there any more', work);
    return;
  }
  if (written.change.kind === 'update' && !isOurDomain(domain, input.settings.owner)) {
    stays(written, 'does not bear our mark any more', work);
    return;
  }
  const fields = fieldsBack(
    written,
    { shown: domainFields(domain), image: domainFields(written.image.domain) },
    work,
  );
  if (fields === undefined) return;
  const why = whyTooLittle(key, fields.after, work);
  if (why !== undefined) {
    lost(written, `its limits stay, because ${why}`, work);
    return;
  }
  pushBack(back(written, input, { kind: 'update', key, ...fields }), work);
  scene.domains.set(key, { ...domain, ...(fields.after as Partial<Domain>) });
}

function undoDomainCreate(written: WrittenChange, work: Work): void {
  const { key } = written.change;
  const { scene, input } = work;
  const domain = scene.domains.get(key);
  if (domain === undefined || !isOurDomain(domain, input.settings.owner)) {
    stays(written, domain === undefined ? 'is not there any more' : 'does not bear our mark any more', work);
    return;
  }
  const isEmpty = within(key, [...scene.mailboxes.keys(), ...scene.aliases.keys()]) === 0;
  if (!input.deleteEmpty || !isEmpty) {
    const how = input.deleteEmpty
      ? 'there is something in it'
      : 'with --delete-empty it goes when it is empty';
    lost(written, `was created, and stays: ${how}`, work);
    return;
  }
  const reason = `run ${input.run} created it, and there is nothing in it`;
  pushBack(back(written, input, { kind: 'delete', key, reason }), work);
  scene.domains.delete(key);
}

/** Takes back one write to a domain. */
export function undoDomain(written: WrittenChange, work: Work): void {
  const { kind } = written.change;
  if (kind === 'create') undoDomainCreate(written, work);
  else if (kind === 'delete') {
    const reason = 'was deleted with its DKIM key and its aliases: make it again in mailcow';
    lost(written, reason, work);
  } else undoDomainFields(written, work);
}
