/**
 * How people log in with the directory's password on the mailcow that is there: told by several signs that must agree
 * (facts/auth.md section 2), because a wrong guess locks everybody out. Pure.
 */

export type LoginMode = 'auto' | 'identity-provider' | 'templates' | 'password-hash' | 'none';

/** What mailcow's configuration folders show, where they are mounted. */
export type VolumeSigns = {
  /** Markers of one age or the other; new ones count first, an upgrade leaves old ones behind. */
  readonly age: 'legacy' | 'new' | undefined;
  readonly isDovecotMounted: boolean;
  readonly isSogoMounted: boolean;
  /** `dovecot_config_version` was found: another syntax. */
  readonly isDovecot24: boolean;
};

export type LoginSigns = {
  /** As mailcow tells it: `2025-03b`; a development version is a git hash. */
  readonly version: string;
  /** mailcow has the route of the identity provider; undefined: not asked. */
  readonly hasProviderRoute: boolean | undefined;
  /** Its mailboxes have the field `authsource`; undefined: there is none to look at. */
  readonly hasAuthSource: boolean | undefined;
  readonly volumes: VolumeSigns;
};

export type LoginChoice = {
  readonly kind: 'nothing' | 'templates' | 'identity-provider' | 'password-hash';
  /** Why, as a sentence for the log. */
  readonly why: string;
  /** What would be better, or is missing, as a sentence that says what to do. */
  readonly advice?: string;
  /** For templates. */
  readonly files?: LoginFileKinds;
};

export type LoginFileKinds = {
  readonly syntax: '2.3' | '2.4';
  /** SOGo reads `plist_ldap`, runs `plist_ldap.sh`, or gets nothing. */
  readonly sogo: 'plist' | 'script' | 'nothing';
};

const FIRST_NEW = '2025-03';

type Age = 'legacy' | 'new';

type Sign = { readonly age: Age; readonly sentence: string };

const ageOfVersion = (version: string): Age | undefined => {
  const month = /^(\d{4}-\d{2})[a-z]?$/.exec(version)?.[1];
  if (month === undefined) return undefined;
  return month >= FIRST_NEW ? 'new' : 'legacy';
};

function signsOf({ version, hasProviderRoute, hasAuthSource, volumes }: LoginSigns): readonly Sign[] {
  const age = ageOfVersion(version);
  const isNew = (it: boolean): Age => (it ? 'new' : 'legacy');
  const has = (it: boolean): string => (it ? 'has' : 'has not');
  return [
    ...(age === undefined ? [] : [{ age, sentence: `its version is ${version}` }]),
    ...(hasProviderRoute === undefined
      ? []
      : [{ age: isNew(hasProviderRoute), sentence: `it ${has(hasProviderRoute)} an identity provider` }]),
    ...(hasAuthSource === undefined
      ? []
      : [
          {
            age: isNew(hasAuthSource),
            sentence: `its mailboxes ${hasAuthSource ? 'have' : 'lack'} authsource`,
          },
        ]),
    ...(volumes.age === undefined
      ? []
      : [
          {
            age: volumes.age,
            sentence: `its folders are those of a ${volumes.age === 'new' ? 'newer' : 'legacy'} one`,
          },
        ]),
  ];
}

const nothing = (why: string, advice?: string): LoginChoice => ({
  kind: 'nothing',
  why,
  ...(advice !== undefined && { advice }),
});

const ask = (signs: readonly Sign[], age: Age): string =>
  signs
    .filter((sign) => sign.age === age)
    .map(({ sentence }) => sentence)
    .join(', ');

const MOUNT =
  'mount mailcow\'s ./data/conf/dovecot as /conf/dovecot and ./data/conf/sogo as /conf/sogo, and start the container with user: "0:0"';

const PROVIDER =
  'set LDAP_MAILCOW_AUTH=identity-provider to let mailcow ask the directory for every login; mailcow then binds to it on each request of its API too';

type Decision = { readonly signs: LoginSigns; readonly age: Age; readonly wantsSogoSource: boolean };

function templates({ signs, age, wantsSogoSource }: Decision): LoginChoice {
  const { volumes } = signs;
  if (!volumes.isDovecotMounted) {
    return nothing('the folder of Dovecot is not mounted, so no file can be put there', MOUNT);
  }
  const withSogo = age === 'legacy' || wantsSogoSource;
  const sogo = !withSogo || !volumes.isSogoMounted ? 'nothing' : age === 'legacy' ? 'plist' : 'script';
  const limits =
    'on this mailcow neither its web pages nor ActiveSync, CalDAV and CardDAV log in with them: LDAP_MAILCOW_AUTH=identity-provider does';
  const noSogo =
    'the folder of SOGo is not mounted, so SOGo gets nothing; mount ./data/conf/sogo as /conf/sogo';
  const advice = age === 'new' ? limits : volumes.isSogoMounted ? undefined : noSogo;
  return {
    kind: 'templates',
    why: `files for Dovecot${sogo === 'nothing' ? '' : ' and SOGo'} on a mailcow ${age === 'new' ? 'of 2025-03 or later' : 'up to 2025-02'}`,
    ...(advice !== undefined && { advice }),
    files: { syntax: volumes.isDovecot24 ? '2.4' : '2.3', sogo },
  };
}

function automatic(decision: Decision): LoginChoice {
  const { age, signs } = decision;
  if (age === 'new') {
    return nothing('this mailcow can ask the directory itself, and that is for you to decide', PROVIDER);
  }
  return signs.volumes.isDovecotMounted
    ? templates(decision)
    : nothing('mailcow up to 2025-02 reads files for this, and its folders are not mounted', MOUNT);
}

function forAge(mode: 'auto' | 'identity-provider' | 'templates', decision: Decision): LoginChoice {
  if (mode === 'auto') return automatic(decision);
  if (mode === 'templates') return templates(decision);
  if (decision.age === 'new') return { kind: 'identity-provider', why: 'mailcow asks the directory itself' };
  return nothing(
    'a mailcow up to 2025-02 has no identity provider',
    'update mailcow, or set LDAP_MAILCOW_AUTH=templates',
  );
}

/** What is done about logins. Signs that disagree change nothing, whatever is asked for. */
export function chooseLogins(
  mode: LoginMode,
  signs: LoginSigns,
  asked: { readonly hasMailboxes: boolean; readonly wantsSogoSource: boolean },
): LoginChoice {
  if (mode === 'none') return nothing('LDAP_MAILCOW_AUTH=none');
  if (!asked.hasMailboxes) return nothing('only aliases are synced');
  if (mode === 'password-hash') {
    return { kind: 'password-hash', why: 'the hashes of the directory become those of mailcow' };
  }
  const found = signsOf(signs);
  const ages = new Set(found.map(({ age }) => age));
  const [age] = ages;
  if (age === undefined) {
    return nothing(
      `mailcow's version "${signs.version}" says nothing, and neither does anything else`,
      'set LDAP_MAILCOW_AUTH=none until it does',
    );
  }
  if (ages.size > 1) {
    return nothing(
      `what mailcow shows disagrees: ${ask(found, 'new')}, but ${ask(found, 'legacy')}`,
      'wait until an update of mailcow is complete; folders that do not belong to this mailcow must not be mounted',
    );
  }
  return forAge(mode, { signs, age, wantsSogoSource: asked.wantsSogoSource });
}
