/** edit/rl-domain, edit/rl-mbox and the rate limits that add calls carry. */
import { reporter } from './context.ts';
import type { Context, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import { asArray, isEmpty, text } from './php.ts';
import { hasDomain } from './domain-read.ts';

type Kind = 'domain' | 'mailbox';

/** Sets or removes the rate limit of each object; an empty or zero value removes it. */
export function editRateLimit(context: Context, kind: Kind, data: JsonObject): boolean {
  const report = reporter(context, ['ratelimit', 'edit', kind, data]);
  for (const item of asArray(data['object'])) {
    const object = text(item);
    if (!exists(context, kind, object)) report.danger('access_denied');
    else if (!['s', 'm', 'h', 'd'].includes(text(data['rl_frame']))) report.danger('rl_timeframe');
    else {
      save(context, object, { value: data['rl_value'], frame: data['rl_frame'] });
      report.success(['rl_saved', object]);
    }
  }
  return true;
}

function exists({ store }: Context, kind: Kind, object: string): boolean {
  return kind === 'domain' ? hasDomain(store, object) : store.mailboxes.get(object) !== undefined;
}

type Limit = { readonly value: Json | undefined; readonly frame: Json | undefined };

function save({ store }: Context, object: string, { value, frame }: Limit): void {
  if (isEmpty(value)) store.rateLimits.delete(object);
  else store.rateLimits.set(object, { value: text(value), frame: text(frame) });
}

/** edit/rl-domain and edit/rl-mbox. */
export function rateLimitEditor(kind: Kind): Write {
  return (context, { attr, items }) => editRateLimit(context, kind, { object: items, ...attr });
}
