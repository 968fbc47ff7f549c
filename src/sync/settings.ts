/** What the operator decides about a sync, and what it is given to work with. */
import type { Change } from '../core/change.ts';
import type { Uptime } from '../core/grace.ts';
import type { GroupPolicyRule } from '../core/group-policy.ts';
import type { MappingSettings } from '../core/mapping.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import type { Policy } from '../core/policy.ts';
import type { Directory, Log } from '../ports.ts';
import type { MailcowWithJobs } from '../ports-mailcow.ts';
import type { ReadMigrationLogins } from '../ports-migration.ts';
import type { State } from '../ports-state.ts';
import type { LoginWayContext } from './login-way.ts';
import type { ProviderRequest } from './provider.ts';

export type SyncSettings = {
  readonly mapping: MappingSettings;
  /** Groups are read, so that their addresses count as claimed. */
  readonly readGroups: boolean;
  /** The first whose pattern matches a list's address counts. */
  readonly groupPolicies: readonly GroupPolicyRule[];
  readonly plan: Omit<PlanSettings, 'owner'>;
  /** Undefined: derived from the base DN at the first start and kept. */
  readonly owner: string | undefined;
  readonly derivedOwner: string;
  readonly policy: Policy;
  readonly mailboxTemplate: string | undefined;
  /** mailcow's identity provider is kept so; undefined: it is not touched. */
  readonly provider?: ProviderRequest['settings'];
  /** Lower case: of people, with the hashes of their passwords; undefined: none is read. */
  readonly passwordAttribute?: string;
  readonly graceReadings: number;
  readonly graceSpacingMs: number;
  readonly auditIntervalMs: number;
  /** Changes when base, filters, scope or servers do. */
  readonly scope: string;
  /** Changes when any setting does that a sync depends on. */
  readonly configDigest: string;
};

/** Where logins are seen to, and how. */
export type LoginParts = Pick<LoginWayContext, 'settings' | 'files' | 'restarter'>;

export type SyncContext = {
  readonly directory: Directory;
  readonly mailcow: MailcowWithJobs;
  readonly state: State;
  readonly log: Log;
  readonly settings: SyncSettings;
  readonly now: () => Date;
  /** How long the system is up; undefined where it cannot be told. */
  readonly uptime?: () => Uptime | undefined;
  readonly delay: (ms: number) => Promise<void>;
  /** Set when the program is asked to end: the write in flight is finished, no other is begun. */
  readonly stopping?: () => boolean;
  /** Undefined: a plan, which writes nothing. */
  readonly logins?: LoginParts;
  /** The passwords of a migration; undefined: there is none. */
  readonly readMigrationLogins?: ReadMigrationLogins;
  /** Told of each change as soon as it is done. */
  readonly onWritten?: (change: Change) => void;
};
