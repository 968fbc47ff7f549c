/** The real replies of mailcow in tests/fixtures/recordings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Recording = {
  /** `08/054-edit-goto-all-invalid`: group and file. */
  readonly id: string;
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: { readonly status: number; readonly contentType: string; readonly text: string };
  readonly effect?: string;
};

type OnDisk = Omit<Recording, 'id' | 'response'> & {
  readonly response: { status: number; contentType: string; body?: unknown; bodyText?: string };
};

const folder = join(__dirname, '..', 'fixtures', 'recordings');

function readRecording(path: string): Recording {
  const { response, ...rest } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as OnDisk;
  const text = response.bodyText ?? JSON.stringify(response.body);
  return {
    ...rest,
    id: path.replace(/^(\d+)-[^/]*\/(.*)\.json$/, '$1/$2'),
    response: { status: response.status, contentType: response.contentType, text },
  };
}

/** All recordings, in the order in which they were made. */
export const allRecordings: readonly Recording[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((group) => readdirSync(join(folder, group.name)).map((file) => join(group.name, file)))
  .sort()
  .map(readRecording);

/** One recording by the beginning of its id, such as `08/054`. */
export function recording(start: string): Recording {
  const found = allRecordings.find(({ id }) => id.startsWith(start));
  if (found === undefined) throw new Error(`no recording ${start}`);
  return found;
}
