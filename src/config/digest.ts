/** What of the configuration decides what a sync does, as text that can be compared. */
import { createHash } from 'node:crypto';
import { dnKey } from '../core/dn.ts';
import { allSettings, type Config, type PlacedSetting } from './schema.ts';

const entryOf = (config: Config, { section, key, setting }: PlacedSetting): readonly [string, unknown] => {
  const values: Readonly<Record<string, unknown>> = config[section];
  return [setting.name, values[key]];
};

/** SHA-256, in hex, over the settings that change what a sync decides; secrets, timing and logs are none. */
export function configDigest(config: Config): string {
  const entries = allSettings
    .filter(({ setting }) => setting.changesPlan !== false && setting.secret !== true)
    .map((placed) => entryOf(config, placed))
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

/**
 * What a reading covers. When it differs from that of the last reading, absence proves nothing (DESIGN.md 4.4).
 * The order of the servers does not matter; the spelling of the base DN does not either.
 */
export function readingScope({ ldap, sync }: Config): string {
  const { groupMemberFilter } = ldap;
  const external = groupMemberFilter === undefined && sync.externalMembers;
  return JSON.stringify({
    uris: [...ldap.uris].sort(),
    baseDn: dnKey(ldap.baseDn),
    scope: ldap.scope,
    userFilter: ldap.userFilter ?? '',
    groupFilter: ldap.groupFilter ?? '',
    dialect: ldap.dialect,
    idAttribute: (ldap.idAttribute ?? '').toLowerCase(),
    // Only when set: without them the scope is that of versions that did not know them.
    ...(groupMemberFilter !== undefined && { groupMemberFilter }),
    ...(external && { externalMembers: true }),
  });
}
