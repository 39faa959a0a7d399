import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { toInstant } from '../../base/clock.ts';
import { MINUTE_MS } from '../../base/duration.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Listed } from '../../catalog/pins/definition.ts';
import { Marks } from '../../history/index.ts';
import { type Agent, DRILL_PREFIX } from '../../model/agent.ts';
import { Pins } from '../../pipeline/action/pins.ts';
import { Passkeys } from '../../pipeline/credentials/passkeys.ts';
import { mintToken, Tokens } from '../../pipeline/credentials/tokens.ts';
import { compileInForce, type InForce } from '../../pipeline/in-force.ts';
import { configurationShape } from '../configuration/shape.ts';
import { CanaryAgent } from '../doctor/agent.ts';
import { CanaryServer } from '../doctor/canary-server.ts';
import { Ground } from '../doctor/ground.ts';
import { CanaryHub } from '../doctor/hub.ts';
import { openDoors } from '../doors/doors.ts';
import { openEgress } from '../doors/egress.ts';
import { buildHouse, type House } from '../house.ts';
import { type ResolvedSet, resolveSet, type Surroundings } from '../in-force/resolve-set.ts';
import { DrilledProgram } from './drilled-program.ts';
import { ASK_TOOL, DRILL_PERSON, DrilledQuestion } from './drilled-question.ts';
import { DrilledTunnel, TunnelCanary } from './drilled-tunnel.ts';
import type { Prop } from './prop.ts';
import { BorrowedSwitch } from './switch.ts';

/** The canaries, one over HTTP and one over stdio; a stop of them is a stop of nothing real. */
export const CANARIES = [`${DRILL_PREFIX}web`, `${DRILL_PREFIX}pipe`] as const;

const TOKEN_MS = 15 * MINUTE_MS;
const text = { type: 'object', properties: { text: { type: 'string' } } } as const;
const OFFER: Listed = {
  server: { name: 'drill', version: '1' },
  tools: [
    { name: 'look', description: 'Answers at once', inputSchema: text },
    { name: 'wait', description: 'Answers when the drill is over', inputSchema: text },
    { name: ASK_TOOL, description: 'Waits for a person', inputSchema: text },
  ],
  prompts: [],
  resources: [],
  resourceTemplates: [],
};
const OFFERS = new Map([
  ['2026', OFFER],
  ['2025', OFFER],
] as const);
const rules = (tunnel: string) => `@id("drill") @need("A drill measures how quickly a stop takes effect")
permit (principal, action in Action::"risk:read", resource);
@id("drill-tunnel") @need("A drill measures how quickly a stop cuts a tunnel")
permit (principal, action == Action::"http:CONNECT", resource == Host::"${tunnel}");
@id("drill-asks") @review("person:${DRILL_PERSON}") @reason("A drill looks whether a stop keeps what waits from running")
forbid (principal, action == Action::"mcp:${CANARIES[0]}/${ASK_TOOL}", resource);
`;
const CATALOG = `catalog: drill
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None, source: trusted, sensitivity: public }
  ask: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None, source: trusted, sensitivity: public }
  wait: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None, source: trusted, sensitivity: public }
`;

/** Where a drill is played: doors of its own in this very process, over the real switch and the real log. */
export interface Stage {
  readonly url: string;
  readonly token: string;
  /** Where its tunnel leads, `host:port`. */
  readonly tunnelTo: string;
  readonly halt: BorrowedSwitch;
  readonly servers: readonly CanaryServer[];
  /** What it has alive besides calls. */
  readonly props: readonly Prop[];
  /** Ends its one token, as killing an agent does. */
  endToken(): void;
  end(): Promise<void>;
}

/**
 * Raises the stage for one agent. The agent is the real one, under its real levels; what it may reach there are canaries
 * and nothing else, by rules that are in force nowhere else, with a token that opens no other door. Where that fails,
 * nothing of it stays.
 */
export async function raiseStage(
  house: House,
  around: Surroundings,
  agent: Agent,
): Promise<Result<Stage, string>> {
  const raised = new AsyncDisposableStack();
  try {
    const stage = await raise(house, around, agent, raised);
    if (stage !== null) return ok(stage);
  } catch (error) {
    await raised.disposeAsync();
    throw error;
  }
  await raised.disposeAsync();
  return err('The stage of the drill could not be built.');
}

/** `raised` is given what ends each thing as it comes to be; it ends the last first. Null: its own rules do not fit. */
async function raise(
  house: House,
  around: Surroundings,
  agent: Agent,
  raised: AsyncDisposableStack,
): Promise<Stage | null> {
  const now = () => house.clock.monotonicMs();
  const ground = new Ground(tmpdir());
  raised.defer(() => ground.remove());
  const hub = new CanaryHub();
  raised.defer(() => hub.close());
  const tunnel = new TunnelCanary(now);
  raised.defer(() => tunnel.close());
  const halt = new BorrowedSwitch(house.halt, CANARIES[0]);
  raised.defer(() => halt.end());
  await Promise.all([hub.listen(ground.path('hub.sock')), tunnel.listen()]);
  mkdirSync(ground.path('work'));

  const servers = CANARIES.map((id) => hub.add(id, new CanaryServer(id, OFFERS)));
  const resolved = resolveSet(setOf(house, agent, hub, ground, tunnel.authority), around);
  const pins = pinned();
  const inForce = resolved.ok ? compileInForce(resolved.value.parts, pins, 'error') : null;
  if (!resolved.ok || inForce?.ok !== true) return null;

  const tokens = new Tokens(house.clock);
  const { token, record } = mintToken({ agent: agent.id }, house.clock.now(), TOKEN_MS);
  tokens.put(record);
  const staged = stagedHouse(house, { halt, tokens, pins }, resolved.value, inForce.value);
  raised.defer(() => staged.refusals.flush());
  raised.defer(() => staged.upstreamPool.stop());
  const wayOut = openEgress(staged);
  raised.defer(() => void wayOut.door.server.close());
  const doors = openDoors(staged, around);
  raised.defer(() => Promise.all([doors.drain(), wayOut.drain()]).then(() => undefined));
  await staged.upstreamPool.use(resolved.value.upstreams);
  staged.rooms.approvals.start();
  raised.defer(() => staged.rooms.approvals.stop());
  const url = await doors.listen();
  const proxy = await listenAnywhere(wayOut.door.server);

  const client = new CanaryAgent(url, token);
  const [web] = servers;
  const props = [
    new DrilledProgram({ ground, desk: doors.runs, agent: agent.id, token, now }),
    new DrilledTunnel(proxy, token, tunnel, now),
    ...(web === undefined ? [] : [new DrilledQuestion(client, web, staged.rooms.approvals, now)]),
  ];
  raised.defer(() => Promise.all(props.map((prop) => prop.end())).then(() => undefined));
  return {
    url,
    token,
    tunnelTo: tunnel.authority,
    halt,
    servers,
    props,
    endToken: () => tokens.remove(record.id),
    end: () => raised.disposeAsync(),
  };
}

/** The real one, but for what a drill brings of its own; what people sign with stays outside. */
function stagedHouse(
  house: House,
  own: Pick<House, 'halt' | 'tokens' | 'pins'>,
  resolved: ResolvedSet,
  inForce: InForce,
): House {
  const log = (line: string) => house.log(`drill: ${line}`);
  return buildHouse(
    { ...house, ...own, marks: new Marks(), passkeys: nobodyReal(house), log },
    resolved,
    inForce,
  );
}

/** Somebody who can be asked, whether or not people can: nobody has her passkey, so that no yes is hers. */
function nobodyReal({ clock }: House): Passkeys {
  const passkeys = new Passkeys(clock);
  const key = { publicKey: '', cose: '', rpId: '', origin: '', enrolled: toInstant(clock.now()) };
  passkeys.put({ credential: DRILL_PERSON, person: DRILL_PERSON, via: 'code', ...key });
  return passkeys;
}

async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function setOf(
  house: House,
  { id, owner, purpose, level, limits }: Agent,
  hub: CanaryHub,
  ground: Ground,
  tunnel: string,
) {
  const [web, pipe] = CANARIES;
  const { state: _, ...configuration } = configurationShape.parse({
    listen: '127.0.0.1:0',
    // Its question waits until the gesture, however long the rest takes to come alive.
    approvals: { hold: '10m' },
    people: [...house.standing.inForce.people.values(), { id: DRILL_PERSON, name: 'A drill', roles: [] }],
    agents: [{ id, owner, purpose, level, limits }],
    upstreams: {
      [web]: { url: hub.url(web), catalog: 'drill' },
      [pipe]: { command: [ground.canaryCommand(pipe)], cwd: ground.path('work'), catalog: 'drill' },
    },
  });
  const files = [
    { role: 'policy', name: 'drill.cedar', text: rules(tunnel) },
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
