import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INSTALLATION } from '../../main/installation.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

const PLAY = join(INSTALLATION, 'demo', 'play.ts');

/**
 * `demo`: plays demo/play.ts in a process of its own, for it uses the MCP SDKs, which nothing here may. With -c over
 * another configuration with the same agent and upstreams; --keep leaves its directory to be looked at.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  if (!existsSync(PLAY))
    throw new CommandFailure(EXIT.failed, `The demo comes with a checkout; there is none at ${PLAY}.`);
  const config = option(args, 'config');
  if (config !== undefined && !existsSync(config))
    throw new CommandFailure(EXIT.usage, `There is no configuration at ${config}.`);
  const words = [
    ...(config === undefined ? [] : ['--config', resolve(config)]),
    ...(flag(args, 'keep') ? ['--keep'] : []),
  ];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PLAY, ...words], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number | null>((ended, failed) => {
    child.on('error', failed);
    child.on('exit', ended);
  });
  return code === EXIT.done || code === EXIT.denied ? code : EXIT.failed;
}
