/** Where those who watch the program meet its settings, its state and its clock. */
import type { Config } from './config/schema.ts';
import { ConfigError } from './config/error.ts';
import { openMeter, type Meter, type Standing } from './http/meter.ts';
import { judgeReady, type Readiness } from './http/ready.ts';
import { answer } from './http/routes.ts';
import { ListenError, openHttpServer, type HttpServer } from './http/server.ts';
import type { MailcowOptions } from './mailcow/options.ts';
import type { Log } from './ports.ts';
import type { Figures, State } from './ports-state.ts';
import { regularRunAfter } from './schedule/regular.ts';

/** A single outage must not show (docs/operations.md, Monitoring). */
const missedSyncs = 3;
const slackMs = 2 * 60_000;

/** Counts for Prometheus; undefined: nobody listens, so nothing is counted. */
export function meterOf({ monitoring }: Config, version: string): Meter | undefined {
  return monitoring.listen && openMeter({ version, node: process.versions.node });
}

/** The same options, with each call counted too. */
export function withMeter(options: MailcowOptions, meter: Pick<Meter, 'call'> | undefined): MailcowOptions {
  if (meter === undefined) return options;
  return {
    ...options,
    onCall: (call) => {
      options.onCall?.(call);
      meter.call(call);
    },
  };
}

/** When another good sync should have ended: after the third regular one, and a little later. Reckoned once for each. */
function rememberDeadline({ timing }: Config): (good: Date) => Date {
  const known = { good: Number.NaN, deadline: new Date(0) };
  return (good) => {
    if (known.good !== good.getTime()) {
      known.good = good.getTime();
      known.deadline = new Date(regularRunAfter(timing, good, missedSyncs).getTime() + slackMs);
    }
    return known.deadline;
  };
}

type Progress = Pick<Standing, 'lastGoodAt' | 'failures'>;

function progressOf(state: State): Progress {
  const lastGood = state.lastGoodRun()?.endedAt;
  return {
    lastGoodAt: lastGood === undefined ? undefined : new Date(lastGood),
    failures: state.failuresInARow(),
  };
}

const figuresMs = 60_000;

/** Counted anew after each sync, and else no more than once a minute, however often somebody asks. */
function rememberFigures(state: State): () => Figures {
  const known: { figures: Figures | undefined; run: string; until: number } = {
    figures: undefined,
    run: '',
    until: 0,
  };
  return () => {
    const [last] = state.lastRuns(1);
    const run = `${last?.id ?? ''} ${last?.endedAt ?? ''}`;
    if (known.figures !== undefined && known.run === run && performance.now() < known.until)
      return known.figures;
    const figures = state.figures();
    Object.assign(known, { figures, run, until: performance.now() + figuresMs });
    return figures;
  };
}

function openReadiness({ config, state, syncingSince }: HttpOptions): () => Readiness {
  const deadlineAfter = rememberDeadline(config);
  return () => {
    const now = new Date();
    const { lastGoodAt, failures } = progressOf(state);
    const deadline = lastGoodAt === undefined ? now : deadlineAfter(lastGoodAt);
    return judgeReady({ lastGoodAt, failures, deadline, syncingSince: syncingSince(), now });
  };
}

export type HttpOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly state: State;
  readonly meter: Meter | undefined;
  /** When the sync that is going on began. */
  readonly syncingSince: () => Date | undefined;
  /** Has a sync begin; the sentence says why none will. */
  readonly syncNow: (options: { readonly audit: boolean }) => string | undefined;
};

/** Listens where HTTP_LISTEN says; undefined: nowhere. Rejects with a ConfigError when it cannot. */
export async function openConfiguredHttp(options: HttpOptions): Promise<HttpServer | undefined> {
  const { config, log, state, meter, syncNow } = options;
  const { listen, token } = config.monitoring;
  if (listen === undefined || meter === undefined) return undefined;
  const shown = `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
  const figures = rememberFigures(state);
  const sources = {
    readiness: openReadiness(options),
    metrics: () => meter.render({ ...figures(), ...progressOf(state) }),
    token,
    syncNow,
  };
  try {
    const server = await openHttpServer({
      ...listen,
      answer: (asked) => answer(asked, sources),
      onError: (error) => {
        log.warn(`HTTP: ${error instanceof Error ? error.message : String(error)}`);
      },
    });
    log.info(
      `listening on http://${shown}: /healthz, /readyz, /metrics${token === undefined ? '' : ', POST /sync'}`,
    );
    return server;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    throw new ConfigError([`LDAP_MAILCOW_HTTP_LISTEN is ${shown}: ${error.message}`]);
  }
}
