/** The tree on a server that misbehaves on demand: pages, codes, cuts and garbage that no real server shows. */
import { startScriptedLdap, type Entry, type Reply } from '../support/scripted-ldap.ts';
import type { SeenSearch, Values } from '../support/scripted-ldap-messages.ts';
import type { Account, DirectoryServer, ServerFault } from './directory-server.ts';
import {
  attributesOfContact,
  attributesOfGroup,
  attributesOfPerson,
  baseDn,
  contactDnOf,
  contacts,
  dnOf,
  groupDnOf,
  type Tree,
} from './tree.ts';

type What = 'people' | 'groups' | 'anybody';

const account = (name: string): Account => ({ dn: `cn=${name},ou=service,${baseDn}`, password: name });
const accounts: Readonly<Record<string, Account>> = Object.fromEntries(
  ['sync', 'no-mail', 'no-proxyAddresses', 'no-userAccountControl', 'no-displayName', 'no-member'].map(
    (name) => [name, account(name)],
  ),
);

const filterOf = ({ filter }: SeenSearch): string => filter.toString('latin1').toLowerCase();

/** What the filter of a search is after: the server knows those of the program, and no others. */
function whatOf(search: SeenSearch): What {
  const filter = filterOf(search);
  if (filter.includes('objectcategory')) return 'people';
  return filter.includes('objectclass') ? 'groups' : 'anybody';
}

const ofPeople = (tree: Tree): readonly Entry[] =>
  [...tree.people.values()].map((person) => [dnOf(person), attributesOfPerson(person)]);

const ofGroups = (tree: Tree): readonly Entry[] =>
  [...tree.groups.values()].map((group) => [groupDnOf(group), attributesOfGroup(group)]);

const ofContacts = (): readonly Entry[] =>
  contacts.map((contact) => [contactDnOf(contact), attributesOfContact(contact)]);

/** The entries that match: what may not be read cannot be searched for either. */
function entriesOf(tree: Tree, search: SeenSearch, hidden: string | undefined): readonly Entry[] {
  const what = whatOf(search);
  if (what === 'people') return ofPeople(tree);
  const all = what === 'groups' ? ofGroups(tree) : [...ofPeople(tree), ...ofGroups(tree), ...ofContacts()];
  if (!filterOf(search).includes('mail')) return all;
  return hidden === 'mail' ? [] : all.filter(([, values]) => values['mail'] !== undefined);
}

/** Only the first member, as a server with a small limit sends it; the rest never comes. */
function cutMembers(values: Values): Values {
  const { member, ...rest } = values;
  const [first] = member ?? [];
  return first === undefined || member?.length === 1 ? values : { ...rest, 'member;range=0-0': [first] };
}

const shown = (values: Values, search: SeenSearch, hidden: string | undefined): Values => {
  const asked = new Set(search.attributes.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => asked.has(name.toLowerCase()) && name !== hidden),
  );
};

function pagesOf(entries: readonly Entry[], size: number): (readonly Entry[])[] {
  const pages: (readonly Entry[])[] = [];
  for (let at = 0; at < entries.length; at += size) pages.push(entries.slice(at, at + size));
  return pages.length === 0 ? [[]] : pages;
}

const odd = (pages: readonly (readonly Entry[])[]): readonly (readonly Entry[])[] => [
  [],
  ...pages.flatMap((page) => [page, []]),
  pages[0] ?? [],
  [],
];

type Page = {
  readonly search: SeenSearch;
  readonly reply: Reply;
  readonly what: What;
  readonly at: number;
  readonly entries: readonly (readonly [string, Values])[];
  readonly cookie: string;
};

/** Whether the fault has answered. */
function misbehave(fault: ServerFault | undefined, page: Page): boolean {
  const { reply, what, at, entries, cookie } = page;
  if (
    fault === undefined ||
    fault.kind === 'odd-pages' ||
    fault.kind === 'no-id' ||
    fault.kind === 'nobody' ||
    fault.kind === 'ranges'
  ) {
    return false;
  }
  if (fault.search !== what) return false;
  const sendHalf = (): void => {
    for (const [dn, values] of entries.slice(0, Math.floor(entries.length / 2))) reply.entry(dn, values);
  };
  if (fault.kind === 'unpaged') {
    if (cookie !== '') return false;
    for (const [dn, values] of entries) reply.entry(dn, values);
    reply.done({});
    return true;
  }
  // On a short list the fault meets the last page.
  if (at !== fault.page && cookie !== '') return false;
  sendHalf();
  if (fault.kind === 'code') reply.done({ code: fault.code, cookie: '' });
  else if (fault.kind === 'reset') reply.reset();
  else reply.raw('HTTP/1.1 400 Bad Request\r\n\r\n');
  return true;
}

/** Starts a scripted server that holds the tree. */
export async function startScriptedDirectory(first: Tree): Promise<DirectoryServer> {
  const state: { tree: Tree; fault: ServerFault | undefined } = { tree: first, fault: undefined };
  const boundAs = new Map<number, string>();

  function allPages(request: SeenSearch, hidden: string | undefined): readonly (readonly Entry[])[] {
    const { tree, fault } = state;
    const isNobody = fault?.kind === 'nobody' && whatOf(request) === 'people';
    const all = isNobody ? [] : entriesOf(tree, request, hidden);
    const plain = pagesOf(all, Math.max(1, request.paging?.size ?? 1000));
    return fault?.kind === 'odd-pages' ? odd(plain) : plain;
  }

  function search(request: SeenSearch, reply: Reply): void {
    // The rest of somebody's values.
    if (request.scope === 0) {
      reply.done({});
      return;
    }
    const { fault } = state;
    const what = whatOf(request);
    const hidden = /^cn=no-(\w+),/.exec(boundAs.get(request.connection) ?? '')?.[1];
    const pages = allPages(request, hidden);
    const at = Number(request.paging?.cookie ?? '');
    const entries = (pages[at] ?? []).map(([dn, values], index) => {
      const isNameless = fault?.kind === 'no-id' && what === 'people' && at === 0 && index === 0;
      const seen = shown(values, request, isNameless ? 'entryUUID' : hidden);
      return [dn, fault?.kind === 'ranges' && what === 'groups' ? cutMembers(seen) : seen] as const;
    });
    const cookie = at + 1 < pages.length ? String(at + 1) : '';
    if (misbehave(fault, { search: request, reply, what, at, entries, cookie })) return;
    for (const [dn, values] of entries) reply.entry(dn, values);
    reply.done({ cookie });
  }

  const server = await startScriptedLdap({
    bind: (request, reply) => {
      boundAs.set(request.connection, request.dn);
      reply.done();
    },
    search,
  });
  return {
    kind: 'scripted',
    port: server.port,
    accounts,
    publish: (tree) => {
      state.tree = tree;
      return Promise.resolve();
    },
    setFault: (fault) => {
      state.fault = fault;
    },
    stop: () => server.close(),
  };
}
