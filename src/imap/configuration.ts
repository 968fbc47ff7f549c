/** ns8's get-configuration and configure-module, where the configuration is the environment. */
import { isSyncHost } from '../core/sync-job.ts';
import { readText, refuseUnknown, type Input, type Reader } from './input-fields.ts';
import { complain, type Complaint } from './task.ts';

/** The host of mailcow's API, and that of its IMAP server. */
export type Places = { readonly apiHost: string; readonly imapHost: string };

/** get-configuration. ns8 names its mail server by a uuid, we by the host of the API: there is one. */
export function getConfiguration({ apiHost, imapHost }: Places): Readonly<Record<string, unknown>> {
  return {
    mail_server: apiHost,
    mail_host: imapHost,
    mail_server_URL: [{ name: apiHost, label: apiHost, value: `${apiHost},${imapHost}` }],
  };
}

/** The variable without its prefix, and its value, that say the same; or ns8's complaints and exit code. */
export type ConfigureModule =
  | { readonly kind: 'configured'; readonly imapUri: string }
  | { readonly kind: 'refused'; readonly code: 1 | 3; readonly complaints: readonly Complaint[] };

const known = ['mail_server', 'mail_host'];

/** configure-module: both fields, no others; exit code 3 when the mail server is not ours, as ns8 has it. */
export function configureModule(input: Input, { apiHost }: Places): ConfigureModule {
  const reader: Reader = { input, complaints: [] };
  refuseUnknown(reader, known);
  const server = readText(reader, 'mail_server', { least: 1 });
  const host = readText(reader, 'mail_host', { least: 1 });
  const isHost = isSyncHost(host) && host.includes('.');
  if (host !== '' && !isHost) {
    const message = 'must be a host name with a dot in it';
    reader.complaints.push(complain('mail_host', { value: host, error: 'format', message }));
  }
  if (reader.complaints.length > 0) return { kind: 'refused', code: 1, complaints: reader.complaints };
  if (server.toLowerCase() === apiHost.toLowerCase())
    return { kind: 'configured', imapUri: `imaps://${host.toLowerCase()}` };
  const error = 'mail_server_is_not_valid';
  const message = `there is one mail server here, "${apiHost}", the host of the API`;
  return {
    kind: 'refused',
    code: 3,
    complaints: [complain('mail_server', { value: server, error, message })],
  };
}
