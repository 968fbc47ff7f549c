/** The passwords of people at the server that their mail comes from. */

/** What is known of them now. No part of it may be kept, logged or printed. */
export type MigrationLogins =
  | {
      readonly kind: 'read';
      /** By address of the mailbox, in lower case; undefined: nobody has said it. */
      readonly passwordOf: (address: string) => string | undefined;
      /** Why others on this machine may read them, too. */
      readonly exposed?: string;
    }
  /** A sentence without any of its contents. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string };

/** Read anew for each sync; never throws. */
export type ReadMigrationLogins = () => MigrationLogins;
