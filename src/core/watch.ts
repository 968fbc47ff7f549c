/**
 * What has no entry in the directory and is waited for all the same: ids that no directory has, so that their absence is
 * counted like that of everybody (docs/decisions/014-exclusive-domains.md).
 */
import type { ObjectResource } from './change.ts';

const STRAY = 'stray:';
const DOMAIN = 'domain:';

/** As SQLite's GLOB finds them. */
export const strayPattern = `${STRAY}*`;

/** The id of a mailbox or alias of a managed domain that the directory does not know. */
export const strayId = (resource: ObjectResource, address: string): string =>
  `${STRAY}${resource}:${address}`;

/** Whether an id stands for what the directory does not know. */
export const isStrayId = (id: string): boolean => id.startsWith(STRAY);

/** The id of a managed domain that nobody asks for. */
export const lapsedDomainId = (name: string): string => `${DOMAIN}${name}`;

/** Whether an id is one of these: nobody of the directory. */
export const isWatchId = (id: string): boolean => id.startsWith(STRAY) || id.startsWith(DOMAIN);
