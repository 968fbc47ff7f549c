/**
 * mailcow's dockerapi: makes Dovecot and SOGo read changed files (facts/auth.md section 4). It answers 200 whatever
 * happened, tells of every container of the host with its environment, and asks for no password: nothing that it says
 * is repeated, but the word by which it succeeds or fails.
 */
import https from 'node:https';
import axios from 'axios';
import { z } from 'zod';
import type { Restarter, Restarted, Service } from '../ports-logins.ts';

export type DockerapiOptions = {
  /** `https://dockerapi-mailcow`. */
  readonly baseUrl: string;
  /** COMPOSE_PROJECT_NAME of mailcow: other projects of the host have containers of the same names. */
  readonly project: string;
  /** A restart is awaited to its end. Default 120,000 ms. */
  readonly timeoutMs?: number;
};

const containersSchema = z.record(
  z.string(),
  z.object({ Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }) }),
);

const verdictSchema = z.object({ type: z.string() });

const serviceLabel = 'com.docker.compose.service';
const projectLabel = 'com.docker.compose.project';

/** A change of Dovecot's files needs no restart, which would cut off everybody who is logged in. */
const requestFor: Readonly<Record<Service, { readonly action: 'exec' | 'restart'; readonly body: object }>> =
  {
    dovecot: { action: 'exec', body: { cmd: 'reload', task: 'dovecot' } },
    sogo: { action: 'restart', body: {} },
    memcached: { action: 'restart', body: {} },
  };

const why = (error: unknown): string => {
  const code = axios.isAxiosError(error) ? (error.code ?? error.message) : 'no connection';
  return `dockerapi cannot be reached (${code}): is the container in the network of mailcow?`;
};

/** Opens a client; nothing is contacted yet. */
export function openDockerapi({ baseUrl, project, timeoutMs = 120_000 }: DockerapiOptions): Restarter {
  const client = axios.create({
    adapter: 'http',
    baseURL: baseUrl,
    timeout: timeoutMs,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
    // Its certificate is made anew at each start; mailcow itself does not look at it either.
    httpsAgent: new https.Agent({ rejectUnauthorized: false }),
  });

  const findContainers = async (): Promise<ReadonlyMap<string, string>> => {
    const { data } = await client.get<unknown>('/containers/json');
    const found = containersSchema.safeParse(data);
    if (!found.success) return new Map();
    return new Map(
      Object.entries(found.data).flatMap(([id, { Config }]) => {
        const { [serviceLabel]: service, [projectLabel]: of } = Config.Labels ?? {};
        return service !== undefined && of === project && /^[0-9a-f]{12,64}$/.test(id) ? [[service, id]] : [];
      }),
    );
  };

  const restartOne = async (service: Service, id: string | undefined): Promise<Restarted> => {
    const name = `${service}-mailcow`;
    if (id === undefined) {
      const problem = `dockerapi knows no container ${name} of the project "${project}": set LDAP_MAILCOW_COMPOSE_PROJECT to COMPOSE_PROJECT_NAME of mailcow.conf`;
      return { service, problem };
    }
    const { action, body } = requestFor[service];
    const { data } = await client.post<unknown>(`/containers/${id}/${action}`, body);
    const verdict = verdictSchema.safeParse(data);
    if (verdict.success && verdict.data.type === 'success') return { service };
    return { service, problem: `dockerapi could not ${action === 'exec' ? 'reload' : 'restart'} ${name}` };
  };

  return {
    restart: async (services) => {
      if (services.length === 0) return [];
      try {
        const containers = await findContainers();
        const results: Restarted[] = [];
        for (const service of services) {
          results.push(await restartOne(service, containers.get(`${service}-mailcow`)));
        }
        return results;
      } catch (error) {
        return services.map((service) => ({ service, problem: why(error) }));
      }
    },
  };
}
