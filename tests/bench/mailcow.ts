/**
 * The mailcow stand-in as a process of its own, so that its CPU is not the program's. Its options come as JSON in the
 * first argument; it prints where it listens, and ends with its standard input.
 */
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import { domain } from './data.ts';

const writeLatencyMs = Number(process.argv[2]);
const room = { mailboxes: 1_000_000, aliases: 1_000_000 };
const mailcow = await startMailcow({
  writeLatencyMs,
  state: { domains: [{ ...roomyDomain(domain), ...room }] },
});
process.stdout.write(`${JSON.stringify({ url: mailcow.url, apiKey: mailcow.apiKey })}\n`);
process.stdin.resume().on('end', () => void mailcow.close());
