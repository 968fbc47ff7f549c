import { describe, expect, test } from '@jest/globals';
import type { WriteResult } from '../../src/ports-mailcow.ts';
import { judgeWrite } from '../../src/mailcow/verdict.ts';
import { wordText } from '../../src/mailcow/words.ts';
import { allRecordings, recording } from './recordings.ts';
import type { Recording } from './recordings.ts';

/** The word that says a call of this kind worked. */
const words: Readonly<Record<string, string>> = {
  'add/domain': 'domain_added',
  'edit/domain': 'domain_modified',
  'delete/domain': 'domain_removed',
  'delete/domain/tag': 'domain_modified',
  'add/mailbox': 'mailbox_added',
  'edit/mailbox': 'mailbox_modified',
  'delete/mailbox': 'mailbox_removed',
  'delete/mailbox/tag': 'mailbox_modified',
  'edit/mailbox/custom-attribute': 'mailbox_modified',
  'edit/tls_policy': 'mailbox_modified',
  'edit/rename-mbox': 'mailbox_renamed',
  'add/alias': 'alias_added',
  'edit/alias': 'alias_modified',
  'delete/alias': 'alias_removed',
  'add/filter': 'mailbox_modified',
  'edit/filter': 'mailbox_modified',
  'delete/filter': 'delete_filter',
};

function expectedWord({ request }: Recording): string | undefined {
  const route = request.path.replace('/api/v1/', '');
  return words[route] ?? words[route.replace(/\/[^/]*$/, '')];
}

const writes = allRecordings.filter(
  ({ id, request, response }) =>
    /^(02|03|04|05|06|07|08|09|14)\//.test(id) &&
    request.method === 'POST' &&
    response.status === 200 &&
    /^\/api\/v1\/(add|edit|delete)\//.test(request.path),
);
const known = writes.flatMap((one) => {
  const word = expectedWord(one);
  return word === undefined ? [] : [{ ...one, word }];
});

function summary(result: WriteResult): string {
  if (result.kind === 'refused') return `refused: ${result.words.map(wordText).join(', ')}`;
  return result.kind === 'unclear' ? `unclear: ${result.why}` : 'done';
}

function judged(start: string): string {
  const one = recording(start);
  return summary(judgeWrite(one.response.text, { word: expectedWord(one) ?? 'nothing' }));
}

const empty = 'unclear: mailcow sent an empty reply: it died on the way';
const taskCompleted = 'unclear: mailcow only said "Task completed"';

describe('the verdict on recorded writes', () => {
  test.each([
    ['02/002', 'refused: access_denied'],
    ['02/015', 'refused: Cannot find attributes in post data'],
    ['02/024', taskCompleted],
    ['02/026', empty],
    ['03/001', 'done'],
    ['03/004', 'refused: domain_exists (example.test)'],
    ['03/029', empty],
    ['04/002', 'done'],
    ['04/004', 'done'],
    ['04/012', 'refused: object_exists (min@mb.test)'],
    ['04/014', 'refused: password_complexity'],
    ['04/018', 'refused: access_denied'],
    ['04/023', 'done'],
    ['04/028', 'done'],
    ['04/044', 'refused: mailbox_quota_exceeded (500)'],
    ['04/048', 'refused: mailbox_quota_left_exceeded (200)'],
    ['04/050', 'refused: max_mailbox_exceeded (2, 2)'],
    ['04/054', empty],
    ['06/005', 'refused: mailbox_quota_left_exceeded (500)'],
    ['06/008', 'done'],
    ['06/023', 'done'],
    ['06/024', 'refused: access_denied'],
    ['06/027', 'refused: sender_acl_invalid (stranger@elsewhere.test)'],
    ['06/032', empty],
    ['06/042', 'done'],
    ['06/043', 'refused: username_invalid ({"a":1})'],
    ['06/046', 'done'],
    ['07/011', 'done'],
    ['07/012', 'refused: access_denied'],
    ['07/014', taskCompleted],
    ['08/008', 'done'],
    ['08/015', 'refused: is_alias_or_mailbox (sales@al.test)'],
    ['08/019', taskCompleted],
    ['08/020', taskCompleted],
    ['08/027', empty],
    ['08/046', empty],
    ['08/049', 'done'],
    ['08/053', 'refused: goto_invalid (bad)'],
    ['08/054', 'refused: goto_invalid (bad)'],
    ['08/056', 'refused: alias_goto_identical'],
    ['08/061', 'refused: alias_invalid ()'],
    ['08/070', 'done'],
    ['08/071', 'refused: access_denied'],
    ['09/001', 'done'],
    ['09/009', 'refused: sieve_error (line 1: block start where string list expected near {)'],
    ['09/020', empty],
    ['09/026', 'done'],
    ['09/028', taskCompleted],
    ['14/002', 'refused: object_exists (m0001946@perf.test)'],
    ['14/003', 'refused: access_denied'],
    ['14/004', 'done'],
  ])('%s is %s', (start, expected) => {
    expect(judged(start)).toBe(expected);
  });

  test('there are enough of them for the invariants to mean something', () => {
    expect(known.length).toBeGreaterThan(200);
  });

  test.each(known.map((one) => [one.id, one] as const))(
    '%s is done exactly when it reports its success and no danger',
    (_id, { response, word }) => {
      const verdict = judgeWrite(response.text, { word });
      const types = [...response.text.matchAll(/"type":"(\w+)","log"/g)].map(([, type]) => type);
      const succeeded = response.text.includes(`"msg":["${word}"`);
      expect(verdict.kind === 'done').toBe(succeeded && !types.includes('danger'));
      if (types.includes('danger')) expect(verdict.kind).toBe('refused');
      if (types.length === 0 && !response.text.includes('"type":"error"'))
        expect(verdict.kind).toBe('unclear');
    },
  );

  test('a word of another object is no success', () => {
    const { response } = recording('04/002');
    expect(judgeWrite(response.text, { word: 'alias_added' }).kind).toBe('unclear');
  });
});

describe('the verdict on replies that were not recorded', () => {
  const entry = (type: string, msg: unknown): object => ({ type, log: ['mailbox'], msg });
  const judge = (reply: unknown, mixed?: 'unclear'): string =>
    summary(
      judgeWrite(typeof reply === 'string' ? reply : JSON.stringify(reply), {
        word: 'mailbox_modified',
        ...(mixed === undefined ? {} : { mixed }),
      }),
    );
  const modified = entry('success', ['mailbox_modified', 'a@x.test']);
  const deadlock = 'SQLSTATE[40001]: Serialization failure: 1213 Deadlock found';

  test.each([
    ['a deadlock told as a success', [modified, entry('success', deadlock)]],
    ['a deadlock told as a danger', [entry('danger', deadlock)]],
    ['the error of an earlier call', [entry('danger', ['mysql_error', { errorInfo: [1062] }]), modified]],
    ['an empty list of entries', []],
    ['an entry without a word', [{ type: 'success', log: [] }]],
    ['an empty word list', [entry('success', [])]],
    ['a generic failure, which may come half-way', { type: 'error', msg: 'Cannot edit item' }],
    ['an unknown object', { ok: true }],
    ['a JSON string', '"fine"'],
    ['null', 'null'],
    ['an HTML page', '<html><title>Preparing</title></html>'],
    ['half an answer', '[{"type":"success"'],
    ['blanks', ' \n'],
    ['a warning without a success', [entry('warning', 'Could not move maildir')]],
  ])('%s is unclear', (_name, reply) => {
    expect(judge(reply)).toMatch(/^unclear: /);
  });

  test('a warning or an info beside the success does not spoil it', () => {
    expect(judge([entry('warning', 'w'), entry('info', 'i'), modified])).toBe('done');
    expect(judge([entry('success', ['db_init_complete']), modified])).toBe('done');
  });

  test('an address that contains a database word is no database failure', () => {
    expect(judge([entry('success', ['mailbox_modified', 'deadlock@x.test'])])).toBe('done');
  });

  test('success and danger together are refused, or unclear where the object exists all the same', () => {
    const both = [entry('danger', ['goto_invalid', '@']), modified];
    expect(judge(both)).toBe('refused: goto_invalid (@)');
    expect(judge(both, 'unclear')).toBe('unclear: mailbox_modified together with goto_invalid (@)');
    expect(judge([entry('danger', 'access_denied')], 'unclear')).toBe('refused: access_denied');
  });

  test('html entities of the arguments are undone once', () => {
    const name = 'o&#039;b &amp;amp; &lt;c&gt; &quot;d&quot;';
    expect(judge([entry('danger', ['object_exists', name])])).toBe(
      'refused: object_exists (o\'b &amp; <c> "d")',
    );
  });
});
