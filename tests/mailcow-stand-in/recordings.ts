/** The recordings of a real mailcow, and how a reply is compared with one. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { isObject, parseJson } from '../support/mailcow/json.ts';
import type { Json } from '../support/mailcow/json.ts';
import type { AliasRow } from '../support/mailcow/rows.ts';

export type Recording = {
  /** `03-domain/001-add-minimal.json`. */
  readonly file: string;
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Json;
  };
  readonly response: Response;
  /** What the recorder saw in mailcow's tables right after the call, in a form of its own. */
  readonly effect?: Json;
};

type Response = {
  readonly status: number;
  readonly contentType: string;
  readonly body?: Json;
  /** The text when it was no JSON. */
  readonly bodyText?: string;
};

const root = join(process.cwd(), 'tests/fixtures/recordings');

/** All recordings in the order in which they were made. */
export function loadRecordings(): readonly Recording[] {
  const groups = readdirSync(root).filter((name) => /^\d\d-/.test(name));
  const files = groups.flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
  return files.sort().map(loadRecording);
}

function loadRecording(file: string): Recording {
  const content = JSON.parse(readFileSync(join(root, file), 'utf8')) as Omit<Recording, 'file'>;
  return { ...content, file };
}

/** Makes the recorded call, byte for byte, and gives back what a recording would hold. */
export function replay(url: string, { request: recorded }: Recording): Promise<Response> {
  const { method, path, headers, body } = recorded;
  const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'Content-Length': Buffer.byteLength(text) };
    const call = request({ hostname, port, method, path, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const contentType = response.headers['content-type'] ?? '';
        const answer = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, contentType, ...content(answer) });
      });
    });
    call.on('error', reject);
    call.end(text);
  });
}

function content(answer: string): Pick<Response, 'body' | 'bodyText'> {
  const body = parseJson(answer);
  return body === undefined ? { bodyText: answer } : { body };
}

const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const loginKeys = ['last_imap_login', 'last_smtp_login', 'last_pop3_login', 'last_sso_login'];

/** A reply with what differs from run to run masked: moments, hashes, logins that the recorder made. */
export function comparable(response: Response): Response {
  const { body, bodyText } = response;
  if (body !== undefined) return { ...response, body: masked(body, '') };
  // The recording of nginx's 502 page describes it instead of quoting it.
  return bodyText?.includes('Preparing') ? { ...response, bodyText: 'Preparing' } : response;
}

function masked(value: Json, key: string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => masked(item, key));
  if (isObject(value)) {
    const entries = Object.entries(value).map(([name, item]) => [name, masked(item ?? null, name)] as const);
    return Object.fromEntries(entries);
  }
  if (typeof value === 'string' && moment.test(value)) return '<moment>';
  if (typeof value === 'string' && value.startsWith('{BLF-CRYPT}')) return '<hash>';
  return loginKeys.includes(key) || key === 'time' ? '<seconds>' : value;
}

/** The alias rows that an effect shows: nine columns from the id to the private comment. */
export function aliasRowsIn({ effect }: Recording): readonly string[] {
  if (typeof effect !== 'string') return [];
  return effect.split(/ \| |\n/).filter((line) => /^\d+(\t[^\t]*){8}$/.test(line));
}

/** A row of the stand-in as the recorder would have printed it. */
export function printedAliasRow(row: AliasRow | undefined): string | undefined {
  if (!row) return undefined;
  const comments = [row.publicComment, row.privateComment].map(
    (text) => text?.replaceAll('\\', '\\\\') ?? 'NULL',
  );
  const flags = [row.active, row.internal, row.sogoVisible, row.senderAllowed];
  return [row.id, row.address, row.goto, ...flags, ...comments].join('\t');
}
