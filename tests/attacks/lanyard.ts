import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { socketOf } from '../../src/cli/instance.ts';
import { OperatorGround } from '../journeys/operator-ground.ts';
import { freePort } from '../journeys/people-ground.ts';
import { ROOT } from '../source-tree.ts';
import type { Gateway, Reply } from './attack.ts';
import { UPSTREAMS } from './canary.ts';
import { SECRET } from './secret.ts';

const RULES = `@id("no-hidden-files") @reason("Hidden files stay as they are.")
forbid (principal, action in [Action::"effect:create", Action::"effect:update", Action::"effect:delete"], resource is Path)
when { resource.name like ".*" };

@id("workspace-only") @reason("Only the workspace is for agents.")
forbid (principal, action in Action::"upstream:files", resource is Path)
unless { resource in Path::"WORKSPACE" };

@id("not-the-vault") @reason("The vault is not for agents.")
forbid (principal, action in Action::"upstream:vault", resource);

@id("not-that-word") @reason("That word is not for agents.")
forbid (principal, action, resource)
when { context.input has text && context.input.text == "forbidden" };

@id("way-to-one-place") @need("One place that is named")
permit (principal == Agent::"walker", action == Action::"http:CONNECT", resource == Host::"CANARY");

@id("way-anywhere") @need("Everything, as careless people write it")
permit (principal == Agent::"rover", action == Action::"http:CONNECT", resource);
`;

/** What of `box` only reads; its other tools are in no catalog. */
const BOX_TOOLS = [
  'echo',
  'count',
  'free',
  'routed',
  'steps',
  'wait',
  'verdict',
  'strange',
  'leak',
  'pausing',
  'later',
];

/** A real instance in front of the canary and of a real filesystem server. */
export async function startLanyard(canaryUrl: string): Promise<Gateway> {
  const operator = new OperatorGround();
  const workspace = join(operator.directory, 'workspace');
  mkdirSync(workspace);
  const rules = RULES.replace('WORKSPACE', workspace).replace('CANARY', new URL(canaryUrl).host);
  operator.write('rules.cedar', rules);
  const [egress, control, brake] = [await place(), await place(), await place()];
  const reads = [...BOX_TOOLS, 'helper', 'steady', 'resources/read', 'prompts/get'];
  const lines = reads.map(
    (name) =>
      `  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }\n`,
  );
  operator.write('catalog.yaml', `catalog: plain\noperations:\n${lines.join('')}`);
  const upstreams = Object.fromEntries(
    UPSTREAMS.map((name) => [
      name,
      {
        url: `${canaryUrl}/${name}/mcp`,
        catalog: 'plain',
        headers: { 'X-Key': 'env:CANARY_KEY' },
        ...(name === 'box' ? { may: ['elicitation'] } : {}),
      },
    ]),
  );
  const agents = ['agent', 'other', 'revoked', 'expired', 'flooder', 'walker', 'rover'].map((id) => ({
    id,
    owner: 'ada',
    purpose: 'Attacks',
    ...(id === 'flooder' ? { limits: { attemptsPerMinute: 20, inFlight: 4 } } : {}),
  }));
  operator.write(
    'lanyard.yaml',
    operator.configuration({
      agents: `agents: ${JSON.stringify(agents)}`,
      upstreams: `upstreams: ${JSON.stringify({ ...upstreams, files: FILES })}`,
      packs: 'packs: [starter]',
      faces: `egress: ${egress}\ncontrol: ${control}\nbrake: ${brake}`,
    }),
  );
  try {
    const running = await operator.up({ CANARY_KEY: SECRET });
    const host = new URL(await running.url()).host;
    const tokens = await makeTokens(operator);
    return {
      host,
      tokens,
      workspace,
      codeOf,
      exact: true,
      stdio: stdioOf(operator),
      faces: { egress, control, brake, operator: socketOf(operator.config) ?? '' },
      stop: () => operator.remove(),
    };
  } catch (fault) {
    await operator.remove();
    throw fault;
  }
}

const FILES = {
  command: [join(ROOT, 'node_modules/.bin/mcp-server-filesystem'), '.'],
  cwd: './workspace',
  env: { PATH: `${join(ROOT, 'node_modules/node/bin')}:/usr/bin:/bin` },
  catalog: 'filesystem',
};

const stdioOf = (operator: OperatorGround) => (upstream: string) => ({
  command: join(ROOT, 'lanyard'),
  args: ['mcp', upstream, '--agent', 'agent', '-c', operator.config],
});

async function makeTokens(operator: OperatorGround): Promise<Gateway['tokens']> {
  const [agent, other, revoked] = [
    await operator.token('agent'),
    await operator.token('other'),
    await operator.token('revoked'),
  ];
  await operator.run('agent revoke revoked');
  const expired = (await operator.run('agent token expired --ttl 1s')).stdout.trim().split(/\s/).at(-1) ?? '';
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const [flooder, walker, rover] = [
    await operator.token('flooder'),
    await operator.token('walker'),
    await operator.token('rover'),
  ];
  return { agent, other, revoked, expired, flooder, walker, rover };
}

const place = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};
const codeIn = (value: unknown): string | undefined => {
  const { code } = membersOf(value);
  return typeof code === 'string' ? code : undefined;
};

/**
 * `error.data.code`, or the code of a denial or an outcome, in a result's `_meta` or an error's `data`. At the check door
 * it is in a decision's `context`, or begins the text of a refusal.
 */
function codeOf({ message, text }: Reply): string | null {
  if (message === null) return /\r\n\r\n"?([A-Z][A-Z0-9_]+)\b(?!\/)/.exec(text)?.[1] ?? null;
  const data = membersOf(membersOf(message['error'])['data']);
  const meta = membersOf(membersOf(message['result'])['_meta']);
  for (const place of [data, meta])
    for (const key of ['dev.lanyard/decision', 'dev.lanyard/outcome']) {
      const code = codeIn(place[key]);
      if (code !== undefined) return code;
    }
  const code = codeIn(data) ?? codeIn(message) ?? codeIn(message['context']) ?? codeIn(message['error']);
  return code ?? (message['error'] === undefined ? null : 'an error of the upstream');
}
