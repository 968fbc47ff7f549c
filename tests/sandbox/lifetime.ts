/** When to end: a signal, or the end of the npm that started us. */

export type End = {
  /** Resolves once, with the reason. */
  readonly requested: Promise<string>;
  readonly isRequested: () => boolean;
};

const LOOK_EVERY_MS = 200;

/** Calls back when this process gets another parent: npm was killed and could pass no signal on. */
function watchParent(gone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  timer.unref();
}

/**
 * Listens for SIGTERM, SIGINT and SIGHUP. Further signals change nothing: a terminal and npm both send one on
 * Ctrl-C. Nobody may still listen on our streams then, so that writing to them must not end us early.
 */
export function listenForEnd(): End {
  let requested = false;
  const reason = new Promise<string>((done) => {
    const end = (why: string): void => {
      requested = true;
      done(why);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        end(signal);
      });
    }
    if (process.env['npm_lifecycle_event'] !== undefined) {
      watchParent(() => {
        end('npm has ended');
      });
    }
  });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return { requested: reason, isRequested: () => requested };
}
