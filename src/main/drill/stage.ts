import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { err, ok, type Result } from '../../base/result.ts';
import { Marks } from '../../history/index.ts';
import type { Agent } from '../../model/agent.ts';
import { compileInForce } from '../../pipeline/in-force.ts';
import { Pins } from '../../pipeline/pins.ts';
import { mintToken, Tokens } from '../../pipeline/tokens.ts';
import { configurationShape } from '../configuration/shape.ts';
import { CanaryServer, type Offer } from '../doctor/canary-server.ts';
import { Ground } from '../doctor/ground.ts';
import { CanaryHub } from '../doctor/hub.ts';
import { openDoors } from '../doors.ts';
import { buildHouse, type House } from '../house.ts';
import { resolveSet, type Surroundings } from '../resolve-set.ts';
import { BorrowedSwitch } from './switch.ts';

/** The canaries, one over HTTP and one over stdio; a stop of them is a stop of nothing real. */
export const CANARIES = ['lanyard-drill-web', 'lanyard-drill-pipe'] as const;

const TOKEN_MS = 15 * 60_000;
const text = { type: 'object', properties: { text: { type: 'string' } } } as const;
const OFFER: Offer = {
  server: { name: 'drill', version: '1' },
  tools: [
    { name: 'look', description: 'Answers at once', inputSchema: text },
    { name: 'wait', description: 'Answers when the drill is over', inputSchema: text },
  ],
  prompts: [],
  resources: [],
  resourceTemplates: [],
};
const RULES = `@id("drill") @need("A drill measures how quickly a stop takes effect")
permit (principal, action in Action::"risk:read", resource);
`;
const CATALOG = `catalog: drill
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None, source: trusted, sensitivity: public }
  wait: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None, source: trusted, sensitivity: public }
`;

/** Where a drill is played: doors of its own in this very process, over the real switch and the real log. */
export interface Stage {
  readonly url: string;
  readonly token: string;
  readonly halt: BorrowedSwitch;
  readonly servers: readonly CanaryServer[];
  /** Ends its one token, as killing an agent does. */
  endToken(): void;
  end(): Promise<void>;
}

/**
 * Raises the stage for one agent. The agent is the real one, under its real levels; what it may reach there are canaries
 * and nothing else, by rules that are in force nowhere else, with a token that opens no other door.
 */
export async function raiseStage(
  house: House,
  around: Surroundings,
  agent: Agent,
): Promise<Result<Stage, string>> {
  const ground = new Ground(tmpdir());
  const hub = new CanaryHub();
  const halt = new BorrowedSwitch(house.halt);
  await hub.listen(ground.path('hub.sock'));
  mkdirSync(ground.path('work'));
  const offers = new Map([
    ['2026', OFFER],
    ['2025', OFFER],
  ] as const);
  const servers = CANARIES.map((id) => hub.add(id, new CanaryServer(id, offers)));
  const clear = async () => {
    halt.end();
    await hub.close();
    ground.remove();
  };
  const resolved = resolveSet(setOf(house, agent, hub, ground), around);
  const pins = pinned();
  const inForce = resolved.ok ? compileInForce(resolved.value.parts, pins, 'error') : null;
  if (!resolved.ok || inForce?.ok !== true) {
    await clear();
    return err('The stage of the drill could not be built.');
  }
  const tokens = new Tokens(house.clock);
  const { token, record } = mintToken({ agent: agent.id }, house.clock.now(), TOKEN_MS);
  tokens.put(record);
  const staged = buildHouse(
    { ...house, halt, tokens, pins, marks: new Marks(), log: (line) => house.log(`drill: ${line}`) },
    resolved.value,
    inForce.value,
  );
  const doors = openDoors(staged, around);
  try {
    await staged.park.use(resolved.value.upstreams);
    return ok({
      url: await doors.listen(),
      token,
      halt,
      servers,
      endToken: () => tokens.remove(record.id),
      async end() {
        await doors.drain();
        await staged.park.stop();
        staged.refusals.flush();
        await clear();
      },
    });
  } catch (error) {
    await staged.park.stop();
    await clear();
    throw error;
  }
}

function setOf(house: House, { id, owner, purpose, level, limits }: Agent, hub: CanaryHub, ground: Ground) {
  const [web, pipe] = CANARIES;
  const { state: _, ...configuration } = configurationShape.parse({
    listen: '127.0.0.1:0',
    people: [...house.standing.inForce.people.values()],
    agents: [{ id, owner, purpose, level, limits }],
    upstreams: {
      [web]: { url: hub.url(web), catalog: 'drill' },
      [pipe]: { command: [ground.canaryCommand(pipe)], cwd: ground.path('work'), catalog: 'drill' },
    },
  });
  const files = [
    { role: 'policy', name: 'drill.cedar', text: RULES },
    { role: 'catalog', name: 'drill.yaml', text: CATALOG },
  ] as const;
  return { configuration, files };
}

/** Pinned beforehand, and in memory alone: nothing of a drill stays among the pins. */
function pinned(): Pins {
  const pins = new Pins();
  for (const id of CANARIES)
    for (const generation of ['2026', '2025'] as const) {
      pins.observe(id, generation, OFFER);
      pins.pin(id, generation, pins.listed(id, generation)?.values() ?? []);
    }
  return pins;
}
