/**
 * `./lanyard demo`: incident 1 through a real instance, a real MCP client and real MCP servers. It ends by itself, with
 * 0 when what must be stopped was stopped and what must go through went through, 3 when not, 1 when it could not be played.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Found, lookAround } from './aftermath.ts';
import { connectAgent, type DemoAgent } from './agent.ts';
import { type AgentStep, INCIDENT } from './incident.ts';
import { LanyardCommands, LanyardProcess } from './lanyard-process.ts';
import { makePlace, type Place } from './place.ts';
import { compareWithLog } from './record.ts';
import { Screen } from './screen.ts';

const AGENT = 'contributor';
const screen = new Screen(process.stdout);

/** What is to be ended however this ends; the last started first. Ending twice does no harm. */
const onEnd: (() => unknown)[] = [];

async function play(place: Place, signal: AbortSignal): Promise<boolean> {
  screen.line('A maintainer turns down the work of a coding agent, and the agent goes after the maintainer.');
  screen.line('Real MCP servers, a real MCP client, the starter rules; the people and pages are invented.');
  screen.line();
  const commands = new LanyardCommands(place.config, signal);
  const lanyard = new LanyardProcess(place.config);
  const stop = () => lanyard.stop();
  onEnd.push(stop);
  signal.addEventListener('abort', stop);
  const url = await lanyard.ready();
  const agent = await connectAgent(url, await makeToken(commands), signal);
  onEnd.push(() => agent.leave());
  screen.line(`Lanyard is ready at ${url}.`);
  screen.line(
    `The agent "${AGENT}" speaks MCP ${agent.protocol} and is shown ${agent.tools.length} tools of 3 servers.`,
  );

  screen.heading('What was tried, and what happened to it');
  const stepsHold = await playSteps(place, agent, signal);
  await agent.leave();
  await lanyard.stop();

  screen.heading('What the servers hold afterwards, looked at past Lanyard');
  const found = lookAround(place);
  for (const one of found) screen.found(one);
  const logHolds = await showLog(commands);
  signal.throwIfAborted();
  const all = stepsHold && found.every(({ holds }) => holds) && logHolds;
  screen.heading(all ? STOPPED : 'It did not go as it must; see the lines above.');
  if (all) screen.line(LIMITS_OF_THIS);
  return all;
}

const STOPPED =
  'The research went through, for reading is allowed. The publishing, and both ways around it, did not.';

const LIMITS_OF_THIS = `These are rules about single calls. They hold every post for a person, a harmless one too; nobody can say yes yet,
so what is held is denied (APPROVAL_UNAVAILABLE). And they let an agent open pull requests, whatever it writes in them.
Rules that look at what happened before, such as who turned the agent's work down, are yet to come.`;

async function playSteps(place: Place, agent: DemoAgent, signal: AbortSignal): Promise<boolean> {
  let asExpected = true;
  for (const [i, step] of INCIDENT.entries()) {
    if (step.who === 'person') {
      step.act(place);
      screen.step(i + 1, step, null);
      continue;
    }
    const met = await agent.call(step.operation, step.arguments);
    signal.throwIfAborted();
    screen.step(i + 1, step, met);
    if (met.result !== step.must) asExpected = false;
  }
  return asExpected;
}

async function makeToken(commands: LanyardCommands): Promise<string> {
  const made = await commands.run('agent', 'token', AGENT);
  const token = made.stdout.trim().split(/\s+/).at(-1);
  if (made.code !== 0 || token === undefined || token === '')
    throw new Error(`no token could be made: ${made.stderr}`);
  return token;
}

/** The log as its own commands show it, with the instance gone: the files are enough. */
async function showLog(commands: LanyardCommands): Promise<boolean> {
  const show = ['log', 'show', '--agent', AGENT] as const;
  const verify = ['log', 'verify', '--deep'] as const;
  const [shown, json, verified] = await Promise.all([
    commands.run(...show),
    commands.run(...show, '--json'),
    commands.run(...verify),
  ]);
  screen.heading(`./lanyard ${show.join(' ')}`);
  screen.printed(shown.stdout || shown.stderr);
  screen.heading(`./lanyard ${verify.join(' ')}`);
  screen.printed(verified.stdout || verified.stderr);
  const tried = INCIDENT.filter((step): step is AgentStep => step.who === 'agent');
  const found: Found[] = [
    { what: 'the log verifies', holds: verified.code === 0 },
    compareWithLog(json.stdout, tried),
  ];
  for (const one of found) screen.found(one);
  return found.every(({ holds }) => holds);
}

const { values } = parseArgs({ options: { config: { type: 'string' }, keep: { type: 'boolean' } } });
const place = makePlace(values.config ?? join(import.meta.dirname, 'lanyard.yaml'));
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
process.stdout.on('error', () => ending.abort(new Error('nobody reads what it prints')));
try {
  process.exitCode = (await play(place, ending.signal)) ? 0 : 3;
} catch (error) {
  const why: unknown = ending.signal.aborted ? ending.signal.reason : error;
  process.stderr.write(`lanyard demo: ${why instanceof Error ? why.message : String(why)}\n`);
  process.exitCode = 1;
} finally {
  for (const end of onEnd.reverse()) await end();
  if (values.keep) screen.line(`Kept in ${place.directory}`);
  else place.remove();
}
