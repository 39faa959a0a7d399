import { flushCompileCache } from 'node:module';
import { closeLeftOpen } from '../../doors/run/index.ts';
import type { Instance } from '../../main/instance.ts';
import { start } from '../../main/start.ts';
import { StartFailure, StoppedWhileStarting } from '../../main/start-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { plain } from '../print.ts';
import type { Arguments } from '../read-arguments.ts';

/** `up`: in the foreground until SIGTERM or SIGINT. Only the ready line goes to stdout. */
export async function run(args: Arguments): Promise<ExitCode> {
  return runInstance(configPath(args), () => undefined);
}

export async function runInstance(
  config: string,
  beforeReady: (instance: Instance) => void | Promise<void>,
): Promise<ExitCode> {
  // Whoever read our lines may go (`up 2>&1 | head`): the instance goes on, and everything of it is in the log.
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => undefined);
  // A line may quote what an upstream wrote: it must not steer the operator's terminal.
  const say = (text: string) => {
    for (const line of text.split('\n')) process.stderr.write(`lanyard: ${plain(line)}\n`);
  };
  // Before anything of ours is open: a server, or a step of `revoke:`, is not to have what our caller had open.
  const left = closeLeftOpen(process.env);
  if (left.length > 0) {
    say(
      `what started this had files open that could not be closed (descriptors ${left.join(', ')}), and servers would have them; start it from a shell without them`,
    );
    return EXIT.failed;
  }
  // Otherwise kept at its end only: until then every other start, doctor's siblings among them, would compile it all anew.
  flushCompileCache();
  const stopped = new AbortController();
  const asked = new Promise<void>((done) => stopped.signal.addEventListener('abort', () => done()));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopped.abort());
  if (process.stderr.isTTY) say(`starting with ${config} …`);
  try {
    const instance = await start({
      configPath: config,
      environment: process.env,
      log: say,
      stopped: stopped.signal,
    });
    for (const line of standingOf(instance)) say(line);
    try {
      await beforeReady(instance);
      process.stdout.write(`ready ${instance.url}\n`);
      await asked;
    } finally {
      say('stopping …');
      await instance.stop();
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof StoppedWhileStarting) return EXIT.done;
    if (!(error instanceof StartFailure)) throw error;
    for (const line of error.lines) say(line);
    return EXIT.failed;
  }
}

/** What the promises stand on here, said at every start. */
function standingOf({ control, brake, house }: Instance): string[] {
  const stops = brake === null ? [] : [`stop from a browser at ${brake}/stop`];
  const uncontained = 'agents of this user can read and write what this user can; see THREATS.md';
  if (house.passkeys.claimed) {
    const place = control ?? 'nowhere, since `control` is not in force: nobody can sign what widens';
    return [`claimed and uncontained: ${uncontained}`, `people sign in at ${place}`, ...stops];
  }
  const how =
    control === null
      ? 'set `control` in the configuration, apply, start again, then claim it: ./lanyard enrol'
      : `claim it before any agent runs: ./lanyard enrol, then ${control}/enrol`;
  return [
    `unclaimed and uncontained: nobody can sign in yet, so any program of this user can act as an operator (recorded as proof: none), and ${uncontained}`,
    how,
    ...stops,
  ];
}
