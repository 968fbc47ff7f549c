/** The one external identity provider: enough to decide which `authsource` mailcow accepts. */
import { maskSecrets, reporter } from './context.ts';
import type { Write } from './context.ts';
import { isList } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Store } from './store.ts';
import { intval, isEmpty, isSet, text } from './php.ts';

const known = ['keycloak', 'generic-oidc', 'ldap'];
const requiredByLdap = ['basedn', 'binddn', 'bindpass'];
const ldapDefaults = {
  host: '',
  port: 389,
  username_field: 'mail',
  filter: '',
  attribute_field: '',
  sync_interval: 15,
};

/** get/identity-provider; secrets in clear, as mailcow gives them. */
export function identityProvider(store: Store): JsonObject {
  const rows = Object.fromEntries(store.identityProvider);
  if (store.identityProvider.size === 0) return { login_provisioning: 1 };
  const flag = (key: string): boolean => !isEmpty(rows[key]);
  // Nothing is ever stored under the last of these names: what is sent is called ignore_ssl_error.
  const flags = { use_ssl: flag('use_ssl'), use_tls: flag('use_tls'), ignore_ssl_errors: false };
  return { ...rows, ...flags, login_provisioning: flag('login_provisioning') };
}

/** edit/identity-provider-test: whether mailcow can connect and bind is what the test says. */
export const testIdentityProvider: Write = ({ store }, { attr }) => store.canBind(attr);

/** edit/identity-provider: no connection is made; another type is refused while mailboxes use the present one. */
export const editIdentityProvider: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, ['identity_provider', 'edit', maskSecrets(sent)]);
  const type = text(attr['authsource']);
  if (type === '') return report.danger(['required_data_missing', '']);
  if (!known.includes(type)) return report.danger(['invalid_authsource', null]);
  const isOther = store.identityProvider.get('authsource') !== type;
  if (isOther && isInUse(store)) return report.danger(['authsource_in_use', null]);
  const missing = type === 'ldap' ? requiredByLdap.find((key) => !isSet(attr[key])) : undefined;
  if (missing !== undefined) return report.danger(['required_data_missing', missing]);
  for (const [key, value] of Object.entries({
    access_token: '',
    ...(type === 'ldap' && ldapDefaults),
    ...attr,
  })) {
    store.identityProvider.set(key, asStored(key, value));
  }
  return report.success(['object_modified', '']);
};

const numbers = ['port', 'periodic_sync', 'import_users', 'sync_interval'];

function asStored(key: string, value: Json): Json {
  if (numbers.includes(key)) return String(intval(value));
  if (key === 'attribute_field' || key === 'username_field') return text(value).toLowerCase();
  if (key === 'host') return text(value).replaceAll(' ', '');
  if (key === 'ignore_ssl_error') return isEmpty(value) ? '' : value;
  return isList(value) ? withoutGaps(value) : value;
}

/** `array_filter()` keeps the keys: a list with a gap in it becomes an object. */
function withoutGaps(list: readonly Json[]): Json {
  const entries = list.flatMap((item, index) => (isEmpty(item) ? [] : [[String(index), item] as const]));
  const hasGap = entries.some(([key], index) => key !== String(index));
  return hasGap ? Object.fromEntries(entries) : entries.map(([, item]) => item);
}

function isInUse(store: Store): boolean {
  return store.mailboxes.all().some((row) => row.authsource !== 'mailcow');
}

/** delete/identity-provider. */
export const deleteIdentityProvider: Write = (context) => {
  const report = reporter(context, ['identity_provider', 'delete', null]);
  if (isInUse(context.store)) return report.danger(['authsource_in_use', null]);
  context.store.identityProvider.clear();
  return report.success(['item_deleted', '']);
};
