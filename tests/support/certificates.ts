/** A private authority and the certificates that servers get wrong, made with openssl in a temporary folder. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand, requirePackages } from './debian.ts';

/** Paths of PEM files; `ca` is the authority that signed, which a client may trust. */
export type CertificateSet = { readonly ca: string; readonly cert: string; readonly key: string };

export type Certificates = {
  /** For localhost, ldap.example.test and 127.0.0.1. */
  readonly server: CertificateSet;
  /** For wrong.example.test only. */
  readonly wrongHost: CertificateSet;
  /** For localhost, but not for 127.0.0.1. */
  readonly nameOnly: CertificateSet;
  readonly expired: CertificateSet;
  /** Good, but signed by an authority that nobody trusts. */
  readonly otherCa: CertificateSet;
  readonly selfSigned: CertificateSet;
  readonly remove: () => void;
};

type Workshop = { readonly folder: string; readonly openssl: (...args: readonly string[]) => void };

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openWorkshop(folder: string): Workshop {
  requirePackages([{ command: 'openssl', package: 'openssl' }]);
  const program = findCommand('openssl') ?? 'openssl';
  const openssl = (...args: readonly string[]): void => {
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  return { folder, openssl };
}

const filesOf = (folder: string, name: string): { readonly cert: string; readonly key: string } => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}-key.pem`),
});

/** Signed by itself: an authority, or a server that has none. */
function makeOwn({ folder, openssl }: Workshop, name: string, extensions: readonly string[]): CertificateSet {
  const { cert, key } = filesOf(folder, name);
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '3650',
    '-keyout',
    key,
    '-out',
    cert,
    '-subj',
    `/CN=${name}`,
    ...added,
  );
  return { ca: cert, cert, key };
}

type Leaf = {
  readonly name: string;
  readonly ca: CertificateSet;
  readonly names: string;
  readonly expired?: boolean;
};

const extensionsOf = (names: string): string =>
  `basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}\n`;

const caConfig = `[ca]
default_ca=d
[d]
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=p
unique_subject=no
[p]
commonName=supplied
`;

/** `openssl ca` is the only one of Debian 12 that takes dates of the past. */
function signExpired({ folder, openssl }: Workshop, leaf: Leaf, request: string): void {
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), '1000\n');
  writeFileSync(join(folder, 'ca.cnf'), caConfig);
  const { cert } = filesOf(folder, leaf.name);
  const authority = ['-config', 'ca.cnf', '-cert', leaf.ca.cert, '-keyfile', leaf.ca.key];
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'];
  openssl(
    'ca',
    '-batch',
    '-notext',
    ...authority,
    ...dates,
    '-in',
    request,
    '-out',
    cert,
    '-extfile',
    'leaf.cnf',
  );
}

function makeLeaf(workshop: Workshop, leaf: Leaf): CertificateSet {
  const { folder, openssl } = workshop;
  const { cert, key } = filesOf(folder, leaf.name);
  const request = join(folder, `${leaf.name}.csr`);
  openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${leaf.name}`);
  writeFileSync(join(folder, 'leaf.cnf'), extensionsOf(leaf.names));
  if (leaf.expired) {
    signExpired(workshop, leaf, request);
  } else {
    const authority = ['-CA', leaf.ca.cert, '-CAkey', leaf.ca.key, '-CAcreateserial', '-days', '3650'];
    openssl('x509', '-req', '-in', request, ...authority, '-extfile', 'leaf.cnf', '-out', cert);
  }
  return { ca: leaf.ca.cert, cert, key };
}

const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

/** One good certificate for a server at this IP address; its files lie in the folder, which is the caller's. */
export function makeCertificateFor(ip: string, folder: string): CertificateSet {
  const workshop = openWorkshop(folder);
  return makeLeaf(workshop, { name: 'server', ca: makeOwn(workshop, 'ca', authority), names: `IP:${ip}` });
}

/** Makes all of them (about a third of a second); `remove` deletes the folder. */
export function makeCertificates(): Certificates {
  const workshop = openWorkshop(mkdtempSync(join(tmpdir(), 'certificates-')));
  const ca = makeOwn(workshop, 'ca', authority);
  const other = makeOwn(workshop, 'other-ca', authority);
  const here = 'DNS:localhost,IP:127.0.0.1';
  return {
    server: makeLeaf(workshop, { name: 'server', ca, names: `${here},DNS:ldap.example.test` }),
    wrongHost: makeLeaf(workshop, { name: 'wrong-host', ca, names: 'DNS:wrong.example.test' }),
    nameOnly: makeLeaf(workshop, { name: 'name-only', ca, names: 'DNS:localhost' }),
    expired: makeLeaf(workshop, { name: 'expired', ca, names: here, expired: true }),
    otherCa: makeLeaf(workshop, { name: 'other', ca: other, names: here }),
    selfSigned: makeOwn(workshop, 'self-signed', [`subjectAltName=${here}`]),
    remove: () => {
      rmSync(workshop.folder, { recursive: true, force: true });
    },
  };
}
