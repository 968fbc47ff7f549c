/** What the files for logins are made of; `app.ts` fills it from the configuration. */
import type { DisabledRule, LoginName } from '../core/mapping.ts';

export type LoginSettings = {
  /** ldap:// and ldaps://, tried in this order. */
  readonly uris: readonly string[];
  readonly baseDn: string;
  readonly scope: 'sub' | 'one' | 'base';
  readonly bindDn: string;
  readonly bindPassword: string;
  /** For ldap:// URIs; ldaps:// ones are encrypted anyway. */
  readonly startTls: boolean;
  readonly tls: {
    /** False accepts any certificate: the explicit opt-out of the operator. */
    readonly verify: boolean;
    /** A PEM file, as this program sees it; what it holds goes beside the files for Dovecot. */
    readonly caFile?: string;
  };
  /** RFC 4515: that of the operator or of the dialect. */
  readonly userFilter: string;
  /** Only one that the server can tell. */
  readonly disabled: DisabledRule;
  /** The attribute that switches people off; undefined: none, or the server does not know it. */
  readonly active?: string;
  /** The attribute with the address. */
  readonly mail: string;
  /** What people type; undefined: the address. */
  readonly login?: LoginName;
  /** SOGO_LDAP_FILTER: an LDAP filter, or a condition in the words of SOGo. */
  readonly sogoFilter?: string;
};
