/** Each setting with its value and origin, for the command `check`; secrets stay hidden. */
import type { LoadedConfig } from './load.ts';
import type { Origin, Resolved } from './resolve.ts';
import { prefix, variableOf } from './setting.ts';

export type SettingDescription = {
  readonly name: string;
  /** Empty when the setting is not set. */
  readonly value: string;
  readonly origin: string;
};

const hidden = '(hidden)';

const describeOrigin = (origin: Origin, unset: string): string => {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'derived':
    case 'preset':
      return `default, because ${origin.because}`;
    case 'profile':
      return origin.decided ? `${origin.profile} profile` : `default of the ${origin.profile} profile`;
    case 'unset':
      return `not set: ${unset}`;
    case 'given': {
      const where = origin.envFile ?? 'environment';
      if (origin.secretFile !== undefined) return `file ${origin.secretFile} (${origin.variable}, ${where})`;
      return origin.variable.startsWith(prefix) ? where : `${where} (${origin.variable})`;
    }
  }
};

const describeValue = ({ setting, value, typed }: Resolved): string => {
  if (value === undefined) return typed ?? '';
  if (setting.secret === true) return hidden;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return typed ?? '';
};

const describe = (resolved: Resolved): SettingDescription => {
  const { setting, origin } = resolved;
  const unset = setting.fallback.kind === 'unset' ? setting.fallback.text.replaceAll('`', '') : '';
  return {
    name: variableOf(setting),
    value: describeValue(resolved),
    origin: describeOrigin(origin, unset),
  };
};

/** All settings in the order of the reference. */
export function describeSettings({
  resolved,
}: Pick<LoadedConfig, 'resolved'>): readonly SettingDescription[] {
  return resolved.map(describe);
}

/** The values of all secrets that are set: what logs must never show. */
export function secretValues({ resolved }: Pick<LoadedConfig, 'resolved'>): readonly string[] {
  return resolved
    .filter(({ setting }) => setting.secret === true)
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string');
}
