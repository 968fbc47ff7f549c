/** Failures on demand, as a real mailcow fails. */
import type { Call } from './call.ts';
import { routeOf } from './call.ts';
import type { Json } from './json.ts';
import { isObject } from './json.ts';

const modes = [
  'slow',
  '500',
  'empty',
  'drop',
  'down',
  'deadlock',
  'half-deleted',
  '401',
  'mysql-down',
  'redis-down',
  'dockerapi-down',
] as const;
export type FaultMode = (typeof modes)[number];

export type Fault = {
  /** `add/mailbox`, `get/alias/all`: the beginning of a route; `*` or nothing for every call. */
  readonly route?: string;
  /** How many calls; until it is cleared when left out. 0 clears what was set for the route, for `*` everything. */
  readonly times?: number;
  readonly mode?: FaultMode;
  /** For `slow`: how long the answer takes, 5000 by default. */
  readonly ms?: number;
  /**
   * For `slow`: carried out at once and answered late, not the other way round. For `empty`: carried out, only
   * the answer is empty. For `deadlock`: false means that mailcow refuses instead of reporting a success.
   */
  readonly done?: boolean;
  /** Only calls whose body or path contains this text. */
  readonly match?: string;
  /** Leave this many matching calls alone first. */
  readonly after?: number;
};

export type FaultList = {
  readonly set: (fault: Fault) => void;
  readonly clear: () => void;
  /** The fault that this call runs into; counts it as used up. */
  readonly take: (call: Call) => Fault | undefined;
};

type Pending = { readonly fault: Fault; skip: number; left: number };

/** Creates an empty list; the fault that was set first wins. */
export function createFaults(): FaultList {
  let pending: Pending[] = [];
  const drop = (route: string): void => {
    pending = route === '*' ? [] : pending.filter((one) => routeIn(one.fault) !== route);
  };
  return {
    set: (fault) => {
      if (fault.times === 0) drop(routeIn(fault));
      else pending.push({ fault, skip: fault.after ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear: () => {
      pending = [];
    },
    take: (call) => {
      const hit = pending.find((one) => concerns(one.fault, call) && isDue(one));
      pending = pending.filter((one) => one.left > 0);
      return hit?.fault;
    },
  };
}

function routeIn(fault: Fault): string {
  return (fault.route ?? '*').replace(/^\/?(api\/v1\/)?/, '');
}

function concerns(fault: Fault, call: Call): boolean {
  const route = routeIn(fault);
  if (route !== '*' && !routeOf(call).startsWith(route)) return false;
  return fault.match === undefined || `${routeOf(call)} ${call.body}`.includes(fault.match);
}

function isDue(one: Pending): boolean {
  if (one.skip > 0) {
    one.skip -= 1;
    return false;
  }
  one.left -= 1;
  return true;
}

/** The fault that a `POST /_fault` body describes, or a sentence saying what is wrong with it. */
export function readFault(body: Json | undefined): Fault | string {
  if (!isObject(body)) return 'the body must be a JSON object {"route","times","mode"}';
  const { mode, times } = body;
  if (times !== undefined && typeof times !== 'number') return '"times" must be a number';
  if (times === 0) return textField(body, 'route');
  if (!modes.some((known) => known === mode)) return `"mode" must be one of ${modes.join(', ')}`;
  return body;
}

function textField(body: Json & object, key: 'route'): Fault {
  const value = isObject(body) ? body[key] : undefined;
  return typeof value === 'string' ? { route: value, times: 0 } : { times: 0 };
}
