import { start } from '../../main/start.ts';
import { StartFailure } from '../../main/start-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';

/** `up`: in the foreground until SIGTERM or SIGINT. Only the ready line goes to stdout. */
export async function run(args: Arguments): Promise<ExitCode> {
  return runInstance(configPath(args), () => undefined);
}

export async function runInstance(
  config: string,
  onReady: (url: string) => void | Promise<void>,
): Promise<ExitCode> {
  const say = (line: string) => process.stderr.write(`lanyard: ${line}\n`);
  try {
    const ended = Promise.withResolvers<NodeJS.Signals>();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.resolve(signal));
    const instance = await start({ configPath: config, environment: process.env, log: say });
    say(UNCLAIMED);
    process.stdout.write(`ready ${instance.url}\n`);
    await onReady(instance.url);
    await ended.promise;
    say('stopping …');
    await instance.stop();
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    for (const line of error.lines) say(line);
    return EXIT.failed;
  }
}

const UNCLAIMED =
  'unclaimed and uncontained: nobody can sign in yet, so any program of this user can act as an operator (recorded as proof: none), and agents of this user can read and write what this user can; see THREATS.md';
