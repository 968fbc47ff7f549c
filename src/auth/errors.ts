/** The files for logins cannot be put there; the message says what to do. */
export class LoginFilesError extends Error {
  override readonly name = 'LoginFilesError';
}

const hints: Readonly<Record<string, string>> = {
  EACCES: 'start the container with user: "0:0", which the folders of mailcow belong to',
  EPERM: 'start the container with user: "0:0", which the folders of mailcow belong to',
  EROFS: 'it is mounted read-only: take “:ro” from the volume',
  ENOSPC: 'the disk is full',
  EBUSY: 'the file alone is mounted: mount the folder that it is in',
};

/** A failed write in words. */
export function explained(path: string, error: unknown): LoginFilesError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  return new LoginFilesError(`${path} cannot be written: ${hints[code] ?? reason}`, { cause: error });
}
