// A program that is held and asks: its call waits for a person, who approves it with a passkey and the program gets its
// result; then it is denied, and asks for a permission with the built-in server. What `run.mjs` plays with Claude Code.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../src/cli/instance.ts';
import { freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { startModel } from './model.mjs';

export const ASKING_RULES = `@id("new-directories-ask") @review("owner") @reason("Ada looks at new directories.")
forbid (principal == Agent::"claude", action == Action::"mcp:files/create_directory", resource);
`;

const WISH = {
  operation: 'mcp:files/write_file',
  need: 'The task asks for a hidden file',
  hours: 2,
  worst: 'Somebody reads it',
};
const STEPS = [
  { tool: 'files__create_directory', input: { path: 'made' } },
  { tool: 'lanyard__request_permission', input: WISH },
];
const ASKING_TOOLS = STEPS.map(({ tool }) => `mcp__files__${tool}`);

/** Where people sign in, for the configuration. */
export async function controlOf() {
  return `control: 127.0.0.1:${await freePort()}`;
}

/** Claims the instance, so that somebody can approve. */
export async function claim(config, control) {
  const ada = new PersonAtBrowser(`http://localhost:${control.split(':').at(-1)}`);
  const { code } = await ask(config, 'POST /v1/enrol-code', { person: 'ada' });
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  return ada;
}

/** What is wrong, a sentence each. `play` runs the program to its end. */
export async function playAsking({ ground, url, token, ada }, program, play) {
  const home = join(ground.directory, `home-${program.agent}-asking`);
  mkdirSync(home);
  const model = await startModel(program.face, 'files', STEPS);
  try {
    const place = {
      home,
      transport: 'http',
      agent: program.agent,
      url: `${url}/mcp`,
      token,
      config: ground.config,
    };
    const ended = play(program, { ...place, model: model.origin, allowed: ASKING_TOOLS });
    const approved = await Promise.race([approve(ada), ended.then(() => null)]);
    const { code, said } = await ended;
    const appeals = (await ada.get('/v1/appeals')).body;
    const faults = [];
    if (code !== 0) faults.push(`it ended with ${code}: ${said.slice(-3000)}`);
    if (approved?.status !== 200)
      faults.push(`nobody could approve: ${JSON.stringify(approved?.body ?? null)}`);
    if (!model.heard[0]?.includes('Successfully created'))
      faults.push(`the held call did not come back: ${model.heard[0]}`);
    if (!model.heard[1]?.includes('Your request waits for ada')) faults.push(`it heard: ${model.heard[1]}`);
    if (appeals.length !== 1 || appeals[0].kind !== 'permission' || appeals[0].agent !== program.agent)
      faults.push(`what lies before ada is ${JSON.stringify(appeals)}`);
    return faults;
  } finally {
    model.close();
  }
}

/** Waits for the question and says yes to it with a passkey. */
async function approve(ada) {
  for (;;) {
    const rows = (await ada.get('/v1/approvals')).body;
    const found = rows.find(({ state }) => state === 'waiting');
    if (found !== undefined) {
      const { digest } = (await ada.get(`/v1/approvals/${found.approval}`)).body;
      return ada.do(`/v1/approvals/${found.approval}/approve`, { digest });
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
