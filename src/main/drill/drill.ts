import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { whyNotNow } from '../../pipeline/action/why-not-now.ts';
import { CanaryAgent } from '../doctor/agent.ts';
import { plainAnswer } from '../doctor/canary-server.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { type Fate, type Lane, lanesOf } from './lane.ts';
import type { Prop } from './prop.ts';
import { secretsSeen } from './secrets.ts';
import { CANARIES, raiseStage, type Stage } from './stage.ts';
import { type DrilledThing, type DrillLevel, type NotTried, round, until } from './thing.ts';

interface Drilled {
  readonly held: boolean;
  readonly things: readonly DrilledThing[];
  readonly notTried: readonly NotTried[];
  /** Where its tunnel led, `host:port`. */
  readonly tunnelTo: string;
}

interface Pulse {
  readonly beganMs: number;
  readonly fate: Fate;
}

export interface Pace {
  going: boolean;
  stopped: boolean;
}

/** A lane as it is played. */
export interface Played {
  readonly lane: Lane;
  readonly pulses: Pulse[];
  /** When each pulse with its number, and the call that hangs, arrived at its canary. */
  readonly arrivedMs: Map<number, number>;
  hangs: boolean;
  /** How the call that hung ended, once there was a stop. */
  hung: { readonly ms: number; readonly fate: Fate } | null;
}

/**
 * A rehearsed stop on the running instance: canary calls on every door, in flight and coming, then the real gesture on
 * the real switch, over canaries alone. Resolves to what was seen; an error says why nothing could be measured.
 */
export async function playDrill(
  house: House,
  around: Surroundings,
  agentId: string,
  level: DrillLevel,
): Promise<Result<Drilled, string>> {
  const agent = house.standing.inForce.agents.get(agentId);
  if (agent === undefined) return err(`There is no agent "${agentId}".`);
  const stands = whyNotNow(house.rooms, agentId);
  if (stands !== null) return err(`${agentId} stands still, so nothing can be measured: ${stands.sentence}`);
  if (CANARIES.some((id) => house.standing.inForce.upstreams.has(id)))
    return err(`An upstream is called ${CANARIES.join(' or ')}, as the canaries of a drill are; rename it.`);
  const raised = await raiseStage(house, around, agent).catch((error: unknown) =>
    err(`Nothing can be measured: what a drill needs could not be set up here (${String(error)}).`),
  );
  if (!raised.ok) return raised;
  const stage = raised.value;
  const over = Promise.withResolvers<void>();
  try {
    return await play(house, stage, agentId, level, over.promise);
  } finally {
    for (const id of CANARIES) stage.halt.set(`upstream:${id}`, 'live');
    over.resolve();
    await stage.end();
  }
}

async function play(
  house: House,
  stage: Stage,
  agentId: string,
  level: DrillLevel,
  over: Promise<void>,
): Promise<Result<Drilled, string>> {
  const now = () => house.clock.monotonicMs();
  const client = new CanaryAgent(stage.url, stage.token);
  const all = lanesOf(client, agentId).map(
    (lane): Played => ({ lane, pulses: [], arrivedMs: new Map(), hangs: false, hung: null }),
  );
  watchCanaries(stage, all, now, over);
  const pace: Pace = { going: true, stopped: false };
  const running = all.map((played) => pulseOn(played, now, pace));
  // First: a program that starts takes the machine from calls that are to be seen in flight.
  const { alive, notTried } = await raiseProps(stage.props);
  const stuck = await cameAlive(all, now, pace);
  if (stuck.length > 0) {
    pace.going = false;
    await Promise.all(running);
    const where = stuck.map(({ lane }) => lane.name).join(', ');
    return err(
      `Nothing can be measured: ${agentId} does not act now at ${where}. Is it stopped, or is everything?`,
    );
  }

  const [gestureMs, wallMs] = [now(), house.clock.now()];
  pace.stopped = true;
  for (const id of CANARIES) stage.halt.tighten(`upstream:${id}`, level);
  const returnedMs = now();
  if (level === 'killed') stage.endToken();
  const seeing = alive.map((prop) => prop.see({ level, atMs: gestureMs, wallMs, returnedMs }));
  await until(now, LIMITS.drillEndMs, () =>
    all.every(
      (played) =>
        (played.lane.hang === null || played.hung !== null) &&
        played.pulses.filter(({ beganMs, fate }) => beganMs > returnedMs && fate !== 'ran').length >= 2,
    ),
  );
  pace.going = false;
  await Promise.all(running);
  const things = all.flatMap((played) => thingsOf(played, gestureMs, returnedMs));
  things.push(...(await Promise.all(seeing)));
  if (level === 'frozen') things.push(await releaseThing(stage, all, alive, now));
  else {
    const secrets = secretsSeen(house, agentId);
    things.push(await tokenThing(client, now, gestureMs), ...secrets.things);
    notTried.push(...secrets.notTried);
  }
  return ok({ held: things.every(({ held }) => held), things, notTried, tunnelTo: stage.tunnelTo });
}

/** What arrives at a canary is counted there, by the words that it was sent with. */
function watchCanaries(stage: Stage, all: readonly Played[], now: () => number, over: Promise<void>): void {
  const byName = new Map(all.map((played) => [played.lane.name, played]));
  for (const server of stage.servers) {
    server.onArrival = ({ name, params }) => {
      const args = params['arguments'];
      const text = typeof args === 'object' && args !== null && 'text' in args ? String(args['text']) : '';
      if (name === 'wait') {
        const played = byName.get(text);
        if (played !== undefined) played.hangs = true;
        return;
      }
      const at = text.lastIndexOf(' ');
      byName.get(text.slice(0, at))?.arrivedMs.set(Number(text.slice(at + 1)), now());
    };
    server.answer = (call) => (call.name === 'wait' ? over.then(() => plainAnswer(call)) : plainAnswer(call));
  }
}

/** Pulses of every lane first, then calls that hang there; answers the lanes at which that did not come about. */
async function cameAlive(all: readonly Played[], now: () => number, pace: Pace): Promise<readonly Played[]> {
  const isAlive = ({ pulses }: Played) => pulses.filter(({ fate }) => fate === 'ran').length >= 2;
  await until(now, LIMITS.drillStartMs, () => all.every(isAlive));
  const dead = all.filter((played) => !isAlive(played));
  if (dead.length > 0) return dead;
  for (const played of all) void hangOn(played, now, pace);
  const hangs = ({ lane, hangs: arrived }: Played) => lane.hang === null || arrived;
  await until(now, LIMITS.drillStartMs, () => all.every(hangs));
  return all.filter((played) => !hangs(played));
}

async function pulseOn(played: Played, now: () => number, pace: Pace): Promise<void> {
  for (let number = 0; pace.going && number < LIMITS.drillPulses; number++) {
    const beganMs = now();
    const fate = await played.lane.pulse(number);
    played.pulses.push({ beganMs, fate });
    const isAlive = number > 2 && !pace.stopped;
    await pause(isAlive ? LIMITS.drillAliveMs : LIMITS.drillPulseMs);
  }
}

/** One that ends before there is a stop (its client waits only so long for the others) is made again. */
export async function hangOn(played: Played, now: () => number, pace: Pace): Promise<void> {
  const { hang } = played.lane;
  while (hang !== null && pace.going) {
    const fate = await hang();
    if (pace.stopped) {
      played.hung = { ms: now(), fate };
      return;
    }
    played.hangs = false;
    await pause(LIMITS.drillAliveMs);
  }
}

/** What began after the stop had returned must not arrive anywhere; what was in flight must have ended, and not well. */
export function thingsOf(played: Played, gestureMs: number, returnedMs: number): DrilledThing[] {
  const { lane, pulses, arrivedMs, hung } = played;
  const late = pulses.some(
    ({ beganMs, fate }, number) => beganMs > returnedMs && (fate === 'ran' || arrivedMs.has(number)),
  );
  const met = pulses.some(({ beganMs, fate }) => beganMs > returnedMs && fate !== 'ran');
  const last = Math.max(gestureMs, ...arrivedMs.values());
  const door: DrilledThing = {
    kind: 'door',
    name: lane.name,
    ms: round(last - gestureMs),
    held: met && !late,
  };
  if (lane.hang === null) return [door];
  const ms = hung === null ? null : round(hung.ms - gestureMs);
  return [door, { kind: 'call', name: lane.name, ms, held: hung?.fate === 'stopped' }];
}

/** Refused as no token any more, or, after so many tries of the canaries, before anybody looks whose it is. */
async function tokenThing(client: CanaryAgent, now: () => number, gestureMs: number): Promise<DrilledThing> {
  const { status } = await client.post(CANARIES[0], { headers: {}, body: '{}' });
  return {
    kind: 'token',
    name: 'its token',
    ms: round(now() - gestureMs),
    held: status === 401 || status === 429,
  };
}

/** The canary goes on: a stop that could not be taken back would be none that anybody dares. */
async function releaseThing(
  stage: Stage,
  all: readonly Played[],
  alive: readonly Prop[],
  now: () => number,
): Promise<DrilledThing> {
  const fromMs = now();
  for (const id of CANARIES) stage.halt.set(`upstream:${id}`, 'live');
  const fates = await Promise.all(all.map(({ lane }) => lane.pulse(LIMITS.drillPulses)));
  const goOn = await Promise.all(alive.flatMap((prop) => prop.goesOn() ?? []));
  const held = fates.every((fate) => fate === 'ran') && goOn.every((goes) => goes);
  return { kind: 'release', name: 'acting again after it', ms: round(now() - fromMs), held };
}

/** Those that came alive; of the others, why they did not. */
async function raiseProps(props: readonly Prop[]): Promise<{ alive: Prop[]; notTried: NotTried[] }> {
  const [alive, notTried]: [Prop[], NotTried[]] = [[], []];
  await Promise.all(
    props.map(async (prop) => {
      const raised = await prop.raise().catch((error: unknown) => err(String(error)));
      if (raised.ok) alive.push(prop);
      else notTried.push({ what: prop.what, why: raised.error });
    }),
  );
  return { alive, notTried };
}
