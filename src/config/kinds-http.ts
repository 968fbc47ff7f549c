/** Kinds of values that belong to watching the program: where it listens, whom it tells. */
import { isIPv6 } from 'node:net';
import type { Kind, Parsed } from './setting.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

const addressPattern = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)):(\d{1,5})$/i;

const parseAddress = (text: string): ListenAddress | undefined => {
  const [, ipv6, name, digits] = addressPattern.exec(text) ?? [];
  const host = ipv6 !== undefined && isIPv6(ipv6) ? ipv6 : name;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host: host.toLowerCase(), port } : undefined;
};

/** `:9090` is what others mean by “everywhere”, and what is meant here has to be written. */
export const listenAddress: Kind<ListenAddress> = {
  expects: 'HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT',
  parse: (text): Parsed<ListenAddress> => {
    const typed = text.trim();
    const [, port] = /^\*?:(\d+)$/.exec(typed) ?? [];
    if (port !== undefined) {
      return {
        problem: `that would listen on every address: write 0.0.0.0:${port} if that is meant, else 127.0.0.1:${port}`,
      };
    }
    const value = parseAddress(typed);
    return value === undefined ? { problem: `give ${listenAddress.expects}` } : { value };
  },
};

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** A URL that may hold a token; as WHATWG spells it, without a fragment. */
export const calledUrl: Kind<string> = {
  expects: 'a URL that begins with https:// or http://',
  parse: (text): Parsed<string> => {
    const url = parseUrl(text.trim());
    if (url === undefined || !/^https?:$/.test(url.protocol)) return { problem: `give ${calledUrl.expects}` };
    if (url.username !== '' || url.password !== '') {
      return { problem: 'write no user or password into the URL: they are not sent' };
    }
    url.hash = '';
    return { value: url.href };
  },
};
