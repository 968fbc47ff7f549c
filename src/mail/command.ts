/** Commands that the library has no method for, or whose refusals its methods keep to themselves. */
import type { ImapFlow } from 'imapflow';

/** One argument as imapflow's compiler takes it; an array is a list in parentheses. */
type Argument = { readonly type: 'ATOM' | 'STRING' | 'SEQUENCE'; readonly value: string };
export type Arguments = readonly (Argument | readonly Argument[])[];

/** An untagged answer as imapflow's parser gives it. */
export type Untagged = { readonly command: string; readonly attributes: unknown };

type Executes = {
  readonly exec: (
    command: string,
    attributes: Arguments,
    options: { readonly untagged: Readonly<Record<string, (answer: Untagged) => Promise<void>>> },
  ) => Promise<{ readonly next: () => void }>;
};

export const atom = (value: string): Argument => ({ type: 'ATOM', value });
export const quoted = (value: string): Argument => ({ type: 'STRING', value });
export const sequence = (value: string): Argument => ({ type: 'SEQUENCE', value });

const canExecute = (client: unknown): client is Executes =>
  typeof client === 'object' && client !== null && 'exec' in client && typeof client.exec === 'function';

type Answers = { readonly name: string; readonly take: (answer: Untagged) => void };

/** Sends a command and waits for its end; throws what imapflow throws for NO, BAD and a lost connection. */
export async function execute(
  client: ImapFlow,
  command: { readonly name: string; readonly attributes: Arguments; readonly answers?: Answers },
): Promise<void> {
  const { name, attributes, answers } = command;
  // What all its own commands are made of; its types leave it out.
  if (!canExecute(client)) throw new Error('this imapflow has no exec');
  const untagged =
    answers === undefined
      ? {}
      : {
          [answers.name]: (answer: Untagged) => {
            answers.take(answer);
            return Promise.resolve();
          },
        };
  const response = await client.exec(name, attributes, { untagged });
  response.next();
}

const valueOf = (node: unknown): string =>
  typeof node === 'object' && node !== null && 'value' in node && typeof node.value === 'string'
    ? node.value
    : '';

/** The items of a list of names and values, `(MESSAGES 3 SIZE 700)`, by their names in capitals. */
export function namedValues(list: unknown): ReadonlyMap<string, string> {
  const values = Array.isArray(list) ? list.map(valueOf) : [];
  const pairs = values.flatMap((name, at): readonly (readonly [string, string])[] =>
    at % 2 === 0 ? [[name.toUpperCase(), values[at + 1] ?? '']] : [],
  );
  return new Map(pairs);
}
