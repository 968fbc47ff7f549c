import { listApi, probeApi, probeLdap, probeLogins, readLdap, type MailcowLists } from '../app.ts';
import { secretValues } from '../config/describe.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { domainsAskedFor } from '../core/desired-domains.ts';
import type { Reading } from '../core/model.ts';
import { openLogger, type Logger } from '../observe/logger.ts';
import { openRedactor } from '../observe/redact.ts';
import { directorySection, type DirectoryAnswer } from './check-directory.ts';
import { judgeDomains, type DomainsReport } from './check-domains.ts';
import { loginsSection } from './check-logins.ts';
import { mailcowSection, type MailcowAnswer } from './check-mailcow.ts';
import { desiredOf, understand, type Understood } from './check-people.ts';
import { outcomeOf, renderSection, renderSummary, type Outcome, type Section } from './check-report.ts';
import { settingsSection } from './check-settings.ts';
import { stateSection } from './check-state.ts';
import { load, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** The probe tells about the server, the reading about everybody. */
const askDirectory = (config: Config): Promise<Outcome<DirectoryAnswer>> =>
  outcomeOf(async () => {
    const probe = await probeLdap(config);
    return { probe, reading: await readLdap(config) };
  });

async function askMailcow(config: Config, log: Logger): Promise<MailcowAnswer> {
  const probe = await outcomeOf(() => probeApi(config, log));
  if (!probe.ok) return { probe, lists: undefined };
  return { probe, lists: await outcomeOf(() => listApi(config, log)) };
}

type Both = {
  readonly config: Config;
  readonly reading: Reading;
  readonly understood: Understood;
  readonly lists: MailcowLists | undefined;
};

/** What a first sync would want, and whether it fits; without mailcow's lists every domain counts as there. */
function compare({ config, reading, understood, lists }: Both): {
  readonly findings: ReturnType<typeof desiredOf>['findings'];
  readonly domains: DomainsReport | undefined;
} {
  const { mapping, domains: wanted } = understood;
  const { sync, mailcow } = config;
  const made = config.domains.manage
    ? domainsAskedFor([...reading.people, ...reading.groups], mapping)
    : new Set<string>();
  const addresses = new Set(lists?.mailboxes.map((mailbox) => mailbox.address));
  const named = lists?.domains ?? wanted;
  const desired = desiredOf({
    reading,
    groupPolicies: sync.groupPolicies,
    mapping,
    domains: new Set([...named.map(({ name }) => name), ...made]),
    ...(!sync.mailboxes && lists && { hasMailbox: (address: string) => addresses.has(address) }),
  });
  const newQuotaMiB = mailcow.newMailboxQuotaMiB;
  const choices = { syncMailboxes: sync.mailboxes, syncAliases: sync.aliases, newQuotaMiB };
  return {
    // A missing domain is a problem of mailcow's section, with the number of people.
    findings: desired.findings.filter(({ code }) => code !== 'unknown-domain'),
    domains: lists && judgeDomains({ lists, wanted, made, desired, ...choices }),
  };
}

/** What mailcow shows decides; without mailcow nobody knows. */
async function loginsOf(
  { config }: LoadedConfig,
  log: Logger,
  { probe, lists }: MailcowAnswer,
): Promise<Section> {
  const { mode } = config.auth;
  if (!probe.ok) return loginsSection(mode, undefined);
  const first = lists?.ok === true ? lists.value.mailboxes[0] : undefined;
  const hasAuthSource = first === undefined ? undefined : first.authSource !== '';
  const { version } = probe.value;
  return loginsSection(mode, await outcomeOf(() => probeLogins(config, log, { version, hasAuthSource })));
}

/** Both sides are asked at the same time; each section is handed out as soon as it and those before it are known. */
async function* sections(loaded: LoadedConfig, log: Logger): AsyncGenerator<Section> {
  const { config } = loaded;
  const directory = askDirectory(config);
  const mailcow = askMailcow(config, log);
  yield settingsSection(loaded);
  const [answer, api] = [await directory, await mailcow];
  const lists = api.lists?.ok === true ? api.lists.value : undefined;
  const reading = answer.ok ? answer.value.reading : undefined;
  const understood = reading && understand(reading, config.mapping);
  const compared = reading && understood && compare({ config, reading, understood, lists });
  yield directorySection({ answer, understood, findings: compared?.findings ?? [] });
  yield mailcowSection({
    url: config.mailcow.url,
    answer: api,
    domains: compared?.domains,
    mailboxesAreSynced: config.sync.mailboxes,
  });
  yield await loginsOf(loaded, log, api);
  yield stateSection(config.program.db);
}

/** Whether everything is ready for a sync; changes nothing anywhere. */
export const checkCommand: Command = {
  summary: 'whether configuration, directory and mailcow are ready; changes nothing',
  usage: `ldap-mailcow check [--env FILE]

Shows every setting with its origin, binds to the directory, shows how a sample of entries would be mapped, asks
mailcow for its version and whether the key may write, compares what people need with the room in the domains, and
looks whether the state file is whole and can be written. Every problem comes with what to do. Changes nothing.

Exit code: 0 no problem, 1 a problem, 2 configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    refusePositionals(positionals);
    const loaded = load(values['env']);
    const { logLevel, logFormat } = loaded.config.program;
    const secrets = secretValues(loaded);
    const log = openLogger({ level: logLevel, format: logFormat, secrets });
    const redactor = openRedactor(secrets);
    const done: Section[] = [];
    for await (const section of sections(loaded, log)) {
      done.push(section);
      print(redactor.text(renderSection(section)));
    }
    print(redactor.text(renderSummary(done)));
    const isGood = done.every((section) => section.problems.length === 0);
    return isGood ? exitCodes.done : exitCodes.failed;
  },
};
