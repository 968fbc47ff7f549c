/** Kinds of values that belong to mailcow and to mail. */
import { parseAddress } from '../core/address.ts';
import { kindOf, splitList } from './kinds.ts';
import type { Kind, Parsed } from './setting.ts';

const hostPattern = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?(?::\d{1,5})?$/i;

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

const urlProblem = (url: URL | undefined): string | undefined => {
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    return 'give a URL like https://mail.example.org';
  }
  if (url.username !== '' || url.password !== '') return 'write no user or password into the URL';
  if (url.search !== '' || url.hash !== '') return 'leave out what follows the host';
  return undefined;
};

/**
 * mailcow's address without a trailing slash or `/api/v1`. A bare host means https, as the predecessors had it.
 */
export const apiUrl: Kind<string> = {
  expects: 'the URL of mailcow like https://mail.example.org',
  parse: (text): Parsed<string> => {
    const typed = text.trim();
    const bare = typed.replace(/\/+$/, '');
    const url = parseUrl(hostPattern.test(bare) ? `https://${bare}` : typed);
    const problem = urlProblem(url);
    if (url === undefined || problem !== undefined) return { problem: problem ?? 'give a URL' };
    const path = url.pathname.replace(/\/+$/, '').replace(/\/api(?:\/v1)?$/, '');
    return { value: `${url.origin}${path}` };
  },
};

export const addressList: Kind<readonly string[]> = {
  expects: 'mail addresses separated by commas',
  parse: (text) => {
    const items = splitList(text);
    const wrong = items.filter((item) => parseAddress(item) === undefined);
    if (wrong.length > 0)
      return { problem: `${wrong.map((item) => `"${item}"`).join(', ')}: no mail address` };
    const addresses = items.map(parseAddress).filter((address) => address !== undefined);
    return { value: [...new Set(addresses)].sort() };
  },
};

export const ownerName: Kind<string> = kindOf(
  'a short name of 1 to 32 characters out of a-z, 0-9, dot, underscore and hyphen',
  (text) => (/^[a-z0-9._-]{1,32}$/.test(text) ? text : undefined),
);

export const hostName: Kind<string> = kindOf('a host name like dc1.example.org', (text) =>
  /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(text) ? text.toLowerCase() : undefined,
);
