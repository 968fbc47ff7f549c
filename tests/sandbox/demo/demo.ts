/** Tells the story: for each step the edit, the plan and the sync, checked against the expectation. */
import type { Stats } from '../../support/mailcow/stats.ts';
import type { End } from '../lifetime.ts';
import { compareHoldings, holdingsOf, type Holdings } from '../holdings.ts';
import { startProgram, type Ended } from '../program.ts';
import type { Servers } from '../servers.ts';
import { expectAfter, first } from './expected.ts';
import { callsLine, findingsLine, labelled, planLines, syncLine, type Colours } from './screen.ts';
import { steps, type Round, type Step } from './steps.ts';

export type Stage = {
  readonly root: string;
  readonly servers: Servers;
  readonly end: End;
  readonly colours: Colours;
  readonly print: (text: string) => void;
};

/** The demo was told to end before it was through. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(why: string) {
    super(`stopped by ${why}`);
  }
}

async function program(stage: Stage, args: readonly string[]): Promise<Ended> {
  if (stage.end.isRequested()) throw new Interrupted(await stage.end.requested);
  const { child, ended } = startProgram({ root: stage.root, args });
  const stopped = stage.end.requested.then((why) => {
    child.kill('SIGTERM');
    return why;
  });
  const result = await ended;
  if (stage.end.isRequested()) throw new Interrupted(await stopped);
  return result;
}

function envFileFor({ servers }: Stage, { bind }: Round): string {
  if (bind === undefined) return servers.envFile;
  const { dn, password } = servers.slapd[bind];
  return servers.writeEnv(`${bind}.env`, { LDAP_BIND_DN: dn, LDAP_BIND_DN_PASSWORD: password });
}

const wrongCode = ({ code, stderr }: Ended, { exitCode = 0 }: Round): readonly string[] =>
  code === exitCode ? [] : [`the exit code is ${code} instead of ${exitCode}:\n${stderr}`];

function wrongCalls(stats: Stats, { calls }: Round): readonly string[] {
  const wanted = { ...stats, ...calls };
  return callsLine(wanted) === callsLine(stats)
    ? []
    : [`${callsLine(stats)} instead of ${callsLine(wanted)}`];
}

/** What went otherwise than the step says. */
async function playRound(stage: Stage, round: Round): Promise<readonly string[]> {
  const { print, colours, servers } = stage;
  const envFile = envFileFor(stage, round);
  if (round.note !== undefined) print(labelled('', [colours.quiet(round.note)]));
  const plan = await program(stage, ['plan', '--json', '--env', envFile]);
  print(labelled('plan', planLines(plan)));
  if (round.findings === true) print(labelled('findings', [findingsLine(plan)]));
  servers.mailcow.resetStats();
  const sync = await program(stage, ['sync', '--env', envFile]);
  const stats = servers.mailcow.stats();
  print(labelled('sync', [syncLine(sync), colours.quiet(callsLine(stats))]));
  return [...wrongCode(sync, round), ...wrongCalls(stats, round)];
}

/** Differences between mailcow and the expectation. */
function checkMailcow({ servers }: Stage, expected: Holdings): readonly string[] {
  return compareHoldings(expected, holdingsOf(servers.mailcow.store.snapshot()));
}

async function playStep(stage: Stage, step: Step, expected: Holdings): Promise<readonly string[]> {
  const { print, servers } = stage;
  print(labelled('directory', [step.edit]));
  if (step.ldif !== undefined) await servers.slapd.modify(step.ldif);
  const problems: string[] = [];
  for (const round of step.rounds) problems.push(...(await playRound(stage, round)));
  return [...problems, ...checkMailcow(stage, expected)];
}

/** Plays all steps; true when mailcow was as expected after each of them. */
export async function playDemo(stage: Stage): Promise<boolean> {
  const { print, colours } = stage;
  let expected = first;
  let good = true;
  for (const [index, step] of steps.entries()) {
    print(`\n${colours.title(`${index + 1}. ${step.title}`)}\n`);
    expected = expectAfter(expected, step.expect ?? {});
    const problems = await playStep(stage, step, expected);
    if (problems.length > 0) good = false;
    const lines = problems.length > 0 ? problems.map(colours.bad) : [colours.good('as it should be')];
    print(labelled('mailcow', lines));
  }
  const { mailboxes, aliases } = expected;
  const size = `${Object.keys(mailboxes).length} mailboxes and ${Object.keys(aliases).length} aliases`;
  const verdict = good
    ? colours.good(`mailcow holds what the directory says: ${size}.`)
    : colours.bad('mailcow does not hold what the directory says; see above.');
  print(`\n${verdict}\n`);
  return good;
}
