/** The tree on a server that misbehaves on demand: pages, codes, cuts and garbage that no real server shows. */
import { startScriptedLdap, type Entry, type Reply } from '../support/scripted-ldap.ts';
import type { SeenSearch, Values } from '../support/scripted-ldap-messages.ts';
import type { Account, DirectoryServer, ServerFault } from './directory-server.ts';
import { attributesOfGroup, attributesOfPerson, baseDn, dnOf, groupDnOf, type Tree } from './tree.ts';

type What = 'people' | 'groups';

const account = (name: string): Account => ({ dn: `cn=${name},ou=service,${baseDn}`, password: name });
const accounts: Readonly<Record<string, Account>> = Object.fromEntries(
  ['sync', 'no-mail', 'no-proxyAddresses', 'no-userAccountControl', 'no-displayName'].map((name) => [
    name,
    account(name),
  ]),
);

/** People's entries are asked for with the person's attributes, which no group has. */
const whatOf = (search: SeenSearch): What =>
  search.attributes.some((name) => name.toLowerCase() === 'useraccountcontrol') ? 'people' : 'groups';

function entriesOf(tree: Tree, what: What): readonly Entry[] {
  return what === 'people'
    ? [...tree.people.values()].map((person): Entry => [dnOf(person), attributesOfPerson(person)])
    : [...tree.groups.values()].map((group): Entry => [groupDnOf(group), attributesOfGroup(group)]);
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
    fault.kind === 'nobody'
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

  function allPages(request: SeenSearch, what: What): readonly (readonly Entry[])[] {
    const { tree, fault } = state;
    const all = fault?.kind === 'nobody' && what === 'people' ? [] : entriesOf(tree, what);
    const plain = pagesOf(all, Math.max(1, request.paging?.size ?? 1000));
    return fault?.kind === 'odd-pages' ? odd(plain) : plain;
  }

  function search(request: SeenSearch, reply: Reply): void {
    const { fault } = state;
    const what = whatOf(request);
    const pages = allPages(request, what);
    const at = Number(request.paging?.cookie ?? '');
    const hidden = /^cn=no-(\w+),/.exec(boundAs.get(request.connection) ?? '')?.[1];
    const entries = (pages[at] ?? []).map(([dn, values], index) => {
      const isNameless = fault?.kind === 'no-id' && what === 'people' && at === 0 && index === 0;
      return [dn, shown(values, request, isNameless ? 'entryUUID' : hidden)] as const;
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
