/** PHP sessions: a cookie alone is as good as the key that opened it, and errors wait in them. */
import { randomBytes } from 'node:crypto';
import type { Entry } from './context.ts';

type Access = 'rw' | 'ro';

export type Session = {
  readonly id: string;
  access: Access | undefined;
  /** What an uncaught exception left behind; the next reply of the session begins with it. */
  stranded: Entry[];
};

export type Sessions = {
  /** The session of a `Cookie` header, or a new one. An unknown id is taken as it is. */
  readonly open: (cookieHeader: string) => Session;
};

const kept = 1_000;

/** Creates the session store; the oldest sessions fall out where Redis would let them expire. */
export function createSessions(): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open: (cookieHeader) => {
      const id = /(?:^|;\s*)MCSESSID=([\w,-]+)/.exec(cookieHeader)?.[1] ?? newId();
      const session = sessions.get(id) ?? { id, access: undefined, stranded: [] };
      sessions.delete(id);
      sessions.set(id, session);
      const [oldest] = sessions.keys();
      if (sessions.size > kept && oldest !== undefined) sessions.delete(oldest);
      return session;
    },
  };
}

function newId(): string {
  return randomBytes(13).toString('hex');
}
