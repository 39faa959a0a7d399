import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from '../../main/house.ts';
import { writeStarter } from '../../main/in-force/starter.ts';
import { textOf } from '../answer.ts';
import type { ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath, HOME, namedConfig } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';
import { afterwards, agentSetup } from '../starter-text.ts';
import { runInstance } from './up.ts';

const AGENT = 'coder';

/** `npm start`: like `up`; without any configuration it writes a starter one into ./home and says what to paste where. */
export async function run(args: Arguments): Promise<ExitCode> {
  const starter = join(HOME, 'lanyard.yaml');
  const first = namedConfig(args) === undefined && !existsSync('lanyard.yaml') && !existsSync(starter);
  if (first) {
    writeStarter(HOME);
    process.stderr.write(`lanyard: wrote a first configuration into ${HOME}\n`);
  }
  const config = first ? starter : configPath(args);
  return runInstance(config, async ({ url, house }) => {
    if (config !== starter || !house.standing.inForce.agents.has(AGENT)) return;
    if (await hadToken(house)) {
      process.stdout.write(afterwards(url, HOME));
      return;
    }
    const token = textOf(await ask(config, 'POST /v1/token', { agent: AGENT }), 'token');
    process.stdout.write(agentSetup(url, token, HOME));
  });
}

/** Whether a token was ever made: one that was revoked since does not come back by itself at the next start. */
async function hadToken({ store }: House): Promise<boolean> {
  for await (const page of store.find({ agent: AGENT, kinds: ['operator.token'] }))
    if (page.length > 0) return true;
  return false;
}
