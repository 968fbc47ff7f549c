/** One certificate for all the mail servers of a process: nobody verifies it, as mailcow's engine does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificateFor, type CertificateSet } from './certificates.ts';

let made: CertificateSet | undefined;

/** Signed by an authority of its own, which is `ca`; for 127.0.0.1. Gone with the process. */
export function makeMailCertificate(): CertificateSet {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'mail-certificate-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  made = makeCertificateFor('127.0.0.1', folder);
  return made;
}
