/** The add, edit and delete routes. */
import { addAlias } from './alias-add.ts';
import { deleteAlias, editAlias } from './alias-edit.ts';
import { addAppPassword, deleteAppPassword, editAppPassword } from './app-password.ts';
import type { Call } from './call.ts';
import type { Write } from './context.ts';
import { addDomain } from './domain-add.ts';
import { deleteDomain, deleteDomainTags, editDomain } from './domain-edit.ts';
import { addAliasDomain, addResource, deleteAliasDomain, templateAdder } from './domain-more.ts';
import { addFilter, deleteFilter, editFilter } from './filter.ts';
import { deleteIdentityProvider, editIdentityProvider, testIdentityProvider } from './identity-provider.ts';
import { addMailbox } from './mailbox-add.ts';
import { editMailbox } from './mailbox-edit.ts';
import {
  addTimeLimitedAlias,
  deleteMailboxTags,
  editCustomAttributes,
  editQuarantineCategory,
  editQuarantineNotification,
  editTlsPolicy,
  editUserAcl,
} from './mailbox-more.ts';
import { deleteMailbox, renameMailbox } from './mailbox-remove.ts';
import { editPasswordPolicy } from './password.ts';
import { rateLimitEditor } from './ratelimit.ts';
import { isLegacy } from './store.ts';
import type { Store } from './store.ts';
import { addSyncJob, deleteSyncJob, editSyncJob } from './syncjob.ts';

const writes: Readonly<Record<string, Write>> = {
  'add/domain': addDomain,
  'add/domain/template': templateAdder('domain'),
  'add/mailbox': addMailbox,
  'add/mailbox/template': templateAdder('mailbox'),
  'add/alias': addAlias,
  'add/alias-domain': addAliasDomain,
  'add/filter': addFilter,
  'add/syncjob': addSyncJob,
  'add/app-passwd': addAppPassword,
  'add/time_limited_alias': addTimeLimitedAlias,
  'add/resource': addResource,
  'edit/domain': editDomain,
  'edit/mailbox': editMailbox,
  'edit/mailbox/custom-attribute': editCustomAttributes,
  'edit/rename-mbox': renameMailbox,
  'edit/alias': editAlias,
  'edit/filter': editFilter,
  'edit/syncjob': editSyncJob,
  'edit/app-passwd': editAppPassword,
  'edit/tls_policy': editTlsPolicy,
  'edit/quarantine_notification': editQuarantineNotification,
  'edit/quarantine_category': editQuarantineCategory,
  'edit/user-acl': editUserAcl,
  'edit/rl-domain': rateLimitEditor('domain'),
  'edit/rl-mbox': rateLimitEditor('mailbox'),
  'edit/passwordpolicy': editPasswordPolicy,
  'edit/identity-provider': editIdentityProvider,
  'edit/identity-provider-test': testIdentityProvider,
  'delete/domain': deleteDomain,
  'delete/domain/tag': deleteDomainTags,
  'delete/mailbox': deleteMailbox,
  'delete/mailbox/tag': deleteMailboxTags,
  'delete/alias': deleteAlias,
  'delete/alias-domain': deleteAliasDomain,
  'delete/filter': deleteFilter,
  'delete/syncjob': deleteSyncJob,
  'delete/app-passwd': deleteAppPassword,
  'delete/identity-provider': deleteIdentityProvider,
};

/** The handler of a write route; undefined when mailcow has no such route. */
export function findWrite(
  { action, category, object }: Pick<Call, 'action' | 'category' | 'object'>,
  store: Store,
): Write | undefined {
  if (category.startsWith('identity-provider') && isLegacy(store)) return undefined;
  return writes[`${action}/${category}/${object}`] ?? writes[`${action}/${category}`];
}
