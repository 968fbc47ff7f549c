/** A school: a real directory with sophomorix's attributes, a mailcow without domains, and the profile for schools. */
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { withDirectory, type Played } from './world.ts';
import type { EnvSettings } from '../sandbox/env-file.ts';

const folder = 'tests/fixtures/ldif';

export type School = Played & { readonly slapd: Slapd };

/** Runs with the sample school, or with the one that `text` is; nothing else is set than where both sides are. */
export async function withSchool(
  text: string | undefined,
  run: (school: School) => Promise<void>,
  settings: EnvSettings = {},
): Promise<void> {
  const slapd = await startSlapd({
    ...(text === undefined ? { ldif: [`${folder}/school.ldif`] } : { text }),
    schema: ['tests/support/adlike.schema', `${folder}/sophomorix.schema`],
  });
  const { uri, baseDn, bindDn, bindPassword } = slapd;
  const where = {
    LDAP_URI: uri,
    LDAP_BASE_DN: baseDn,
    LDAP_BIND_DN: bindDn,
    LDAP_BIND_DN_PASSWORD: bindPassword,
  };
  try {
    await withDirectory(
      { ...where, PROFILE: 'linuxmuster', GRACE_SPACING: '0', ...settings },
      (played) => run({ ...played, slapd }),
      { state: { domains: [] } },
    );
  } finally {
    await slapd.stop();
  }
}
