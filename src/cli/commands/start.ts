import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeStarter } from '../../main/starter.ts';
import type { ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath, HOME } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';
import { afterwards, agentSetup } from '../starter-text.ts';
import { runInstance } from './up.ts';

/** `npm start`: like `up`; without any configuration it writes a starter one into ./home and says what to paste where. */
export async function run(args: Arguments): Promise<ExitCode> {
  const starter = join(HOME, 'lanyard.yaml');
  const wanted = option(args, 'config') ?? process.env['LANYARD_CONFIG'];
  const first = wanted === undefined && !existsSync('lanyard.yaml') && !existsSync(starter);
  if (first) {
    writeStarter(HOME);
    process.stderr.write(`lanyard: wrote a first configuration into ${HOME}\n`);
  }
  const config = first ? starter : configPath(args);
  return runInstance(config, async (url) => {
    if (config !== starter) return;
    const agents = (await ask(config, 'GET /v1/agents')) as unknown as { id: string; tokens: unknown[] }[];
    const agent = agents.find((one) => one.id === 'coder');
    if (agent === undefined) return;
    if (agent.tokens.length > 0) {
      process.stderr.write(afterwards(url, HOME));
      return;
    }
    const { token } = (await ask(config, 'POST /v1/token', { agent: 'coder' })) as { token: string };
    process.stderr.write(agentSetup(url, token, HOME));
  });
}
