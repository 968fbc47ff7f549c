/** A directory that shows a tree, as the campaign needs it. */
import type { Tree } from './tree.ts';

export type Account = { readonly dn: string; readonly password: string };

/** What a scripted server does wrong; `harmless` things must not make a reading incomplete. */
export type ServerFault =
  /** Empty pages with cookies between the others, one page twice. */
  | { readonly kind: 'odd-pages' }
  /** A result code instead of the page with this number. */
  | {
      readonly kind: 'code';
      readonly code: number;
      readonly page: number;
      readonly search: 'people' | 'groups';
    }
  /** The connection is reset in the middle of the page. */
  | { readonly kind: 'reset'; readonly page: number; readonly search: 'people' | 'groups' }
  /** Bytes that are no LDAP. */
  | { readonly kind: 'garbage'; readonly page: number; readonly search: 'people' | 'groups' }
  /** The last page ends without a paging control. */
  | { readonly kind: 'unpaged'; readonly search: 'people' | 'groups' }
  /** One entry comes without its id. */
  | { readonly kind: 'no-id' }
  /** Nobody is found, politely. */
  | { readonly kind: 'nobody' }
  /** Of several members of a group only the first one can be read; the reading is whole all the same. */
  | { readonly kind: 'ranges' };

export type DirectoryServer = {
  readonly kind: 'slapd' | 'scripted';
  readonly port: number;
  /** By name; `sync` is the regular one. */
  readonly accounts: Readonly<Record<string, Account>>;
  /** From now on the directory holds this tree. */
  publish(tree: Tree): Promise<void>;
  /** Scripted servers only. */
  setFault(fault: ServerFault | undefined): void;
  stop(): Promise<void>;
};

/** Whether a reading over this server can be whole. */
export function isHarmful(fault: ServerFault | undefined): boolean {
  return fault !== undefined && fault.kind !== 'odd-pages' && fault.kind !== 'ranges';
}
