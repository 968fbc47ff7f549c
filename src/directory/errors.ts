/** The three ways in which a directory cannot be read at all. Messages name URI and base DN, never the password. */

export class DirectoryError extends Error {
  override readonly name: string = 'DirectoryError';
}

/** Transient: no connection, no answer in time, a server that is busy. Another URI or another time may help. */
export class DirectoryUnreachable extends DirectoryError {
  override readonly name = 'DirectoryUnreachable';
}

/** Permanent until somebody changes something: bind, trust in the certificate, rights, a setting. */
export class DirectoryRefused extends DirectoryError {
  override readonly name = 'DirectoryRefused';
}

/** The other side does not speak LDAP as we know it. */
export class DirectoryMalformed extends DirectoryError {
  override readonly name = 'DirectoryMalformed';
}
