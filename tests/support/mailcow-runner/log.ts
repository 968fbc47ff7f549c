/** The log of a run in imapsync's form (2.178 and its neighbours, from logs in public issues of imapsync/imapsync). */
import { mostErrors, mostFrequent, type SyncError } from './exits.ts';

export type Statistics = {
  readonly started: Date;
  readonly ended: Date;
  readonly seconds: number;
  readonly folders: number;
  readonly foldersDone: number;
  readonly transferred: number;
  readonly skipped: number;
  readonly duplicates1: number;
  readonly duplicates2: number;
  readonly void1: number;
  readonly void2: number;
  readonly only1: number;
  readonly only2: number;
  readonly deleted1: number;
  readonly deleted2: number;
  readonly bytes: number;
  readonly bytesSkipped: number;
  readonly errors: number;
};

const kib = 1_024;

/** Bytes for people: KiB below one MiB. */
export function renderBytes(bytes: number): string {
  if (bytes < kib ** 2) return `${(bytes / kib).toFixed(3)} KiB`;
  return bytes < kib ** 3 ? `${(bytes / kib ** 2).toFixed(3)} MiB` : `${(bytes / kib ** 3).toFixed(3)} GiB`;
}

/** `16-Jan-2023 21:13:26 +0000`, as IMAP has it. */
export function renderDate(moment: Date): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(moment.toUTCString()) ?? [];
  return `${day}-${month}-${year} ${time} +0000`;
}

/** `Monday 16 January 2023-01-16 21:13:26 +0000 UTC`; days below 10 have a blank in front. */
export function renderMoment(moment: Date): string {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    moment.toLocaleDateString('en-GB', { ...options, timeZone: 'UTC' });
  const [date = '', time = ''] = moment.toISOString().slice(0, 19).split('T');
  const day = part({ day: 'numeric' }).padStart(2);
  return `${part({ weekday: 'long' })} ${day} ${part({ month: 'long' })} ${date} ${time} +0000 UTC`;
}

/** The head of a folder; names are padded, not cut. */
export function renderFolder(place: {
  readonly number: number;
  readonly of: number;
  readonly from: string;
  readonly to: string;
}): string {
  const position = `${place.number}/${place.of}`.padStart(7);
  return `Folder ${position} ${`[${place.from}]`.padEnd(35)} -> ${`[${place.to}]`.padEnd(35)}`;
}

type Copied = {
  readonly from: { readonly folder: string; readonly uid: number };
  readonly to: { readonly folder: string; readonly uid: number };
  readonly size: number;
  readonly total: { readonly messages: number; readonly bytes: number; readonly seconds: number };
};

/** The line that pairs the UIDs of both sides. */
export function renderCopied({ from, to, size, total }: Copied): string {
  const seconds = Math.max(total.seconds, 0.001);
  const rate = `${(total.messages / seconds).toFixed(2)} msgs/s  ${renderBytes(total.bytes / seconds)}/s`;
  const source = `${from.folder}/${`${from.uid} {${size}}`.padEnd(19)}`;
  const target = `${to.folder}/${String(to.uid).padEnd(10)}`;
  return `msg ${source} copied to ${target} ${rate} ${renderBytes(total.bytes)} copied`;
}

const statistic = (name: string, value: string | number): string => `${name.padEnd(40)}: ${value}`;

/** From `++++ Statistics` to the remark about releases. */
export function renderStatistics(of: Statistics): readonly string[] {
  const perSecond = of.seconds > 0 ? of.seconds : 0.001;
  return [
    '++++ Statistics',
    statistic('Transfer started on', renderMoment(of.started)),
    statistic('Transfer ended on', renderMoment(of.ended)),
    statistic('Transfer time', `${of.seconds.toFixed(1)} sec`),
    statistic('Folders synced', `${of.foldersDone}/${of.folders} synced`),
    statistic('Messages transferred', `${of.transferred} `),
    statistic('Messages skipped', of.skipped),
    statistic('Messages found duplicate on host1', of.duplicates1),
    statistic('Messages found duplicate on host2', of.duplicates2),
    statistic('Messages found crossduplicate on host2', 0),
    statistic('Messages void (noheader) on host1', `${of.void1}  `),
    statistic('Messages void (noheader) on host2', of.void2),
    statistic('Messages found in host1 not in host2', `${of.only1} messages`),
    statistic('Messages found in host2 not in host1', `${of.only2} messages`),
    statistic('Messages deleted on host1', of.deleted1),
    statistic('Messages deleted on host2', of.deleted2),
    statistic('Total bytes transferred', `${of.bytes} (${renderBytes(of.bytes)})`),
    statistic('Total bytes skipped', `${of.bytesSkipped} (${renderBytes(of.bytesSkipped)})`),
    statistic('Message rate', `${(of.transferred / perSecond).toFixed(1)} messages/s`),
    statistic('Average bandwidth rate', `${(of.bytes / kib / perSecond).toFixed(1)} KiB/s`),
    `Detected ${of.errors} errors`,
    'Check if a new imapsync release is available by adding --releasecheck',
  ];
}

const tooMany =
  `Maximum number of errors ${mostErrors} reached ( you can change ${mostErrors} to any value, ` +
  'for example 100 with --errorsmax 100 ). Exiting.';

/** The errors once more, before the end; nothing when there are none. */
export function renderErrors(errors: readonly SyncError[]): readonly string[] {
  const kind = mostFrequent(errors);
  if (kind === undefined) return [];
  const count = errors.length;
  return [
    `++++ Listing ${count} errors encountered during the sync ( avoid this listing with --noerrorsdump ).`,
    ...errors.map(({ text }, index) => `Err ${index + 1}/${count}: ${text}`),
    `The most frequent error is ${kind}. `,
    ...(count < mostErrors ? [] : [tooMany]),
  ];
}
