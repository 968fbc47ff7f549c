/** The section of `check` about mailcow. */
import type { MailcowLists } from '../app.ts';
import type { MailcowProbe } from '../mailcow/probe.ts';
import type { DomainsReport } from './check-domains.ts';
import { counted, type Outcome, type Section } from './check-report.ts';

const title = 'mailcow';

export type MailcowAnswer = {
  readonly probe: Outcome<MailcowProbe>;
  /** Undefined when the probe failed: a key that was refused is not tried again, mailcow bans for that. */
  readonly lists: Outcome<MailcowLists> | undefined;
};

/** The address that mailcow saw, when that is what it refused. */
const seenAddress = (error: Error): string | undefined =>
  'seenAddress' in error && typeof error.seenAddress === 'string' ? error.seenAddress : undefined;

const refusedLines = (error: Error): readonly string[] => {
  const address = seenAddress(error);
  return address === undefined ? [] : [`the IP address to allow: ${address}`];
};

const probeLines = (url: string, probe: MailcowProbe): readonly string[] => [
  `${url}: version ${probe.version}`,
  `the key may ${probe.mayWrite ? 'read and write' : 'only read'}; our IP address is allowed`,
];

const listLines = ({ domains, mailboxes, aliases }: MailcowLists): readonly string[] => [
  `${counted(domains.length, 'domain', 'domains')}, ${counted(mailboxes.length, 'mailbox', 'mailboxes')}, ${counted(aliases.length, 'alias', 'aliases')}`,
];

export type MailcowFacts = {
  readonly url: string;
  readonly answer: MailcowAnswer;
  /** Undefined when one of both sides could not be read. */
  readonly domains: DomainsReport | undefined;
  readonly mailboxesAreSynced: boolean;
};

const roomLines = ({ domains, mailboxesAreSynced }: MailcowFacts): readonly string[] => {
  if (domains === undefined) return ['room in the domains: not known, as the directory could not be read'];
  const mode = mailboxesAreSynced ? [] : ['mailboxes are not synced, so none are needed'];
  return [...mode, ...domains.lines];
};

const readOnly = (probe: MailcowProbe): readonly string[] => (probe.mayWrite ? [] : [probe.refusal.message]);

/** What mailcow said, what the key may do, and whether everything fits. */
export function mailcowSection(facts: MailcowFacts): Section {
  const { url, domains } = facts;
  const { probe, lists } = facts.answer;
  if (!probe.ok) {
    const lines = [url, ...refusedLines(probe.error)];
    return { title, lines, problems: [probe.error.message], remarks: [] };
  }
  const head = probeLines(url, probe.value);
  if (lists?.ok !== true) {
    const why = lists === undefined ? [] : [lists.error.message];
    return { title, lines: head, problems: [...readOnly(probe.value), ...why], remarks: [] };
  }
  return {
    title,
    lines: [...head, ...listLines(lists.value), ...roomLines(facts)],
    problems: [...readOnly(probe.value), ...(domains?.problems ?? [])],
    remarks: [],
  };
}
