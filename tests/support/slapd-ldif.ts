/** Just enough LDIF to know whom a directory lets in. */

export type LdifRecord = { readonly dn: string; readonly password?: string };

const unfold = (text: string): string => text.replaceAll(/\r?\n /g, '');

const decode = (separator: string | undefined, value: string | undefined): string =>
  separator === '::' ? Buffer.from(value ?? '', 'base64').toString('utf8') : (value ?? '');

const valueOf = (record: string, attribute: string): string | undefined => {
  const found = new RegExp(`^${attribute}(::?) *(.*)$`, 'im').exec(record);
  return found ? decode(found[1], found[2]?.trimEnd()) : undefined;
};

const parseRecord = (text: string): LdifRecord | undefined => {
  const dn = valueOf(text, 'dn');
  if (dn === undefined) return undefined;
  const password = valueOf(text, 'userPassword');
  return password === undefined ? { dn } : { dn, password };
};

/** The records of an LDIF text in their order, comments and version lines left out. */
export function parseLdif(text: string): readonly LdifRecord[] {
  return unfold(text)
    .split(/\r?\n\r?\n+/)
    .map(parseRecord)
    .filter((record) => record !== undefined);
}

/** Whether the text is made of changes (for ldapmodify) and not of entries (for slapadd). */
export function isChangeLdif(text: string): boolean {
  return /^changetype:/im.test(text);
}

export type ServiceAccount = { readonly dn: string; readonly password: string };
export type ServiceAccounts = Readonly<Record<'sync' | 'limited' | 'nothing', ServiceAccount>>;

const serviceEntry = (dn: string, name: string): string =>
  `dn: ${dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: ${name}\nuserPassword: ${name}\n`;

/**
 * The three service binds of a directory: those of its own LDIF, or new ones under ou=service. `ldif` is
 * what has to be added for them.
 */
export function serviceAccounts(
  records: readonly LdifRecord[],
  baseDn: string,
): { readonly accounts: ServiceAccounts; readonly ldif: string } {
  const unit = `ou=service,${baseDn}`;
  const added: string[] = [];
  const account = (name: string): ServiceAccount => {
    const known = records.find((record) => record.dn.toLowerCase().startsWith(`cn=${name},`));
    if (known) return { dn: known.dn, password: known.password ?? name };
    const dn = `cn=${name},${unit}`;
    added.push(serviceEntry(dn, name));
    return { dn, password: name };
  };
  const accounts = { sync: account('sync'), limited: account('limited'), nothing: account('nothing') };
  const unitIsThere = records.some((record) => record.dn.toLowerCase() === unit.toLowerCase());
  if (added.length > 0 && !unitIsThere) {
    added.unshift(`dn: ${unit}\nobjectClass: organizationalUnit\nou: service\n`);
  }
  return { accounts, ldif: added.join('\n') };
}
