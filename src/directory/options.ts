/** What the adapter must be told; `app.ts` fills it from the configuration. */
import type { MappingSettings } from '../core/mapping.ts';
import type { DialectName } from '../core/model.ts';

export type TlsOptions = {
  /** False accepts any certificate: the explicit opt-out of the operator. */
  readonly verify: boolean;
  /** A PEM file; only what it holds is trusted then. Read anew for each connection. */
  readonly caFile?: string;
  /** The name that the certificate must carry, when it is not the host of the URI. */
  readonly serverName?: string;
};

export type DirectoryOptions = {
  /** ldap:// and ldaps://, tried in this order when one is unreachable. */
  readonly uris: readonly string[];
  readonly bindDn: string;
  readonly bindPassword: string;
  /** For ldap:// URIs; ldaps:// ones are encrypted anyway. */
  readonly startTls: boolean;
  readonly tls: TlsOptions;
  readonly baseDn: string;
  readonly scope: 'sub' | 'one' | 'base';
  readonly userFilter?: string;
  readonly groupFilter?: string;
  readonly readGroups: boolean;
  /** With {MEMBER_CN} in the place of what a group names; whom it finds is a member, and nobody else. */
  readonly groupMemberFilter?: string;
  /** Every entry with an address may be a member; of no effect with a member filter. */
  readonly externalMembers?: boolean;
  readonly mapping: MappingSettings;
  readonly dialect: 'auto' | DialectName;
  readonly idAttribute?: string;
  /** Entries per page; the server may ask for fewer. */
  readonly pageSize: number;
  /** For each answer: bind, one page, one range. */
  readonly timeoutMs: number;
  /** For TCP and for each TLS handshake. */
  readonly connectTimeoutMs: number;
  /** Read beside those that the mapping needs. */
  readonly extraPeopleAttributes?: readonly string[];
  readonly extraGroupAttributes?: readonly string[];
  /** Told how each search of entries ended, for metrics. */
  readonly onSearch?: (search: { readonly complete: boolean }) => void;
};
