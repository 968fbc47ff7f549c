/** What the operator gave although the profile decides it: it has no effect, and is said in one sentence. */
import { isDeepStrictEqual } from 'node:util';
import type { Found } from './given.ts';
import type { Profile } from './profiles.ts';
import { variableOf, type AnySetting, type Files } from './setting.ts';

type Decided = {
  readonly setting: AnySetting;
  /** undefined: the profile leaves it unset. */
  readonly value: unknown;
  readonly files: Files;
};

/**
 * The variable to name when something else was given than the profile decides, also when it could not be used at all;
 * undefined for the profile's own value.
 */
export function setAsideName(found: Found, { setting, value, files }: Decided): string | undefined {
  if (found === undefined) return undefined;
  if ('problem' in found) return variableOf(setting);
  const parsed = setting.kind.parse(found.text, files);
  const isOwn = 'value' in parsed && isDeepStrictEqual(parsed.value, value);
  return isOwn ? undefined : found.source.variable;
}

/** One sentence for all that was set aside; none when there is nothing. */
export function setAsideWarnings(
  variables: readonly string[],
  profile: Profile,
  how: { readonly isGiven: boolean },
): readonly string[] {
  if (variables.length === 0) return [];
  const [has, them] = variables.length === 1 ? ['has', 'it'] : ['have', 'them'];
  const orProfile = how.isGiven ? ', or the profile' : '';
  const decides = `${variableOf({ name: 'PROFILE' })}=${profile.name} decides ${them}`;
  return [`${variables.join(', ')} ${has} no effect: ${decides}; remove ${them}${orProfile}`];
}
