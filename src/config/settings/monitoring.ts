import { headerSecret } from '../kinds.ts';
import { calledUrl, listenAddress } from '../kinds-http.ts';
import { optional } from '../setting.ts';

/** How others watch the program. */
export const monitoringSettings = {
  listen: optional({
    name: 'HTTP_LISTEN',
    kind: listenAddress,
    line: 'Where the daemon answers `/healthz`, `/readyz` and `/metrics`, as HOST:PORT.',
    unset: 'it listens nowhere',
    example: '127.0.0.1:9090',
    detail:
      '127.0.0.1 of a container is reached from inside only; `0.0.0.0:9090` from the networks that it is in. Without encryption and, but for `POST /sync`, without a password.',
    changesPlan: false,
  }),
  token: optional({
    name: 'HTTP_TOKEN',
    kind: headerSecret('a long random text'),
    line: 'With it `POST /sync` syncs at once: `Authorization: Bearer <token>`.',
    unset: 'nobody can',
    secret: true,
    changesPlan: false,
  }),
  notifyUrl: optional({
    name: 'NOTIFY_URL',
    kind: calledUrl,
    line: 'A webhook that is told, in JSON, of held changes, repeated failure and recovery.',
    unset: 'nobody is told',
    example: 'https://hooks.example.org/ldap-mailcow',
    detail: '[operations.md](operations.md#8-how-does-my-monitoring-learn-of-trouble) says what and when.',
    secret: true,
    changesPlan: false,
  }),
  heartbeatUrl: optional({
    name: 'HEARTBEAT_URL',
    kind: calledUrl,
    line: 'A URL that is fetched after each good sync, so that somebody notices when there is none.',
    unset: 'none is fetched',
    example: 'https://heartbeats.example.org/ping/ldap-mailcow',
    secret: true,
    changesPlan: false,
  }),
} as const;
