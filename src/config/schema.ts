/**
 * Every setting once, in the sections of the documentation. The type `Config`, the loader, docs/configuration.md,
 * .env.example, `init` and `--help` all follow from it: a new setting is one entry in one of `settings/`.
 */
import type { AnySetting, Presence, Setting } from './setting.ts';
import { authSettings } from './settings/auth.ts';
import { domainSettings } from './settings/domains.ts';
import { imapsyncSettings } from './settings/imapsync.ts';
import { ldapSettings } from './settings/ldap.ts';
import { mailcowSettings } from './settings/mailcow.ts';
import { mappingSettings } from './settings/mapping.ts';
import { monitoringSettings } from './settings/monitoring.ts';
import { programSettings } from './settings/program.ts';
import { syncSettings } from './settings/sync.ts';
import { timingSettings } from './settings/timing.ts';

/** The order matters to computed defaults: each looks only at settings above it. */
export const schema = {
  ldap: ldapSettings,
  mapping: mappingSettings,
  mailcow: mailcowSettings,
  sync: syncSettings,
  domains: domainSettings,
  auth: authSettings,
  imapsync: imapsyncSettings,
  timing: timingSettings,
  monitoring: monitoringSettings,
  program: programSettings,
} as const;

export type SectionName = keyof typeof schema;

export const sectionTitles: Readonly<Record<SectionName, string>> = {
  ldap: 'Directory',
  mapping: 'Mapping',
  mailcow: 'mailcow',
  sync: 'What is synced',
  domains: 'Domains',
  auth: 'Logins',
  imapsync: 'Mail from another server',
  timing: 'Timing and safety',
  monitoring: 'Monitoring',
  program: 'Program',
};

type ValueOf<S> = S extends Setting<infer T, Presence> ? Exclude<T, undefined> : never;

type AlwaysKeys<S> = { [K in keyof S]: S[K] extends { readonly presence: 'always' } ? K : never }[keyof S];

type SectionValues<S> = { readonly [K in AlwaysKeys<S>]: ValueOf<S[K]> } & {
  readonly [K in Exclude<keyof S, AlwaysKeys<S>>]?: ValueOf<S[K]>;
};

/** What the program runs on. A setting that is not set and has no default has no key. */
export type Config = { readonly [N in SectionName]: SectionValues<(typeof schema)[N]> };

export type PlacedSetting = {
  readonly section: SectionName;
  readonly key: string;
  readonly setting: AnySetting;
};

const placeSection = (section: SectionName): readonly PlacedSetting[] =>
  Object.entries<AnySetting>(schema[section]).map(([key, setting]) => ({ section, key, setting }));

export const sectionNames: readonly SectionName[] = [
  'ldap',
  'mapping',
  'mailcow',
  'sync',
  'domains',
  'auth',
  'imapsync',
  'timing',
  'monitoring',
  'program',
];

/** All settings in the order of the schema, each with its place in `Config`. */
export const allSettings: readonly PlacedSetting[] = sectionNames.flatMap(placeSection);
