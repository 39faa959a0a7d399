import { type Problem, problem } from '../../base/errors.ts';
import { err } from '../../base/result.ts';
import { Brake } from '../../control/brake/brake.ts';
import type { BrakeNews, BrakePlace } from '../../control/brake/messages.ts';
import { lookForSentinel, SENTINEL } from '../../control/brake/sentinel.ts';
import type { StopDesk } from '../../control/brake/stop-desk.ts';
import { mayStop } from '../../pipeline/acts/rights.ts';
import type { StopKey } from '../../pipeline/credentials/stop-keys.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import { countsOf } from '../../pipeline/stop/stop.ts';
import { splitAddress } from '../address.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { StartFailure } from '../start-failure.ts';
import type { StateDirectory } from '../state-directory.ts';
import { readTls } from '../tls.ts';
import type { FreezeSignal } from './freeze-signal.ts';
import { OutsideStops } from './outside-stops.ts';
import { operationsOf } from './scope.ts';

/** Ways to stop that pass neither the doors nor the operator socket. */
export interface Outside {
  /** Of the brake; null without one. */
  readonly url: string | null;
  /** What the stop page on `control` stands on. */
  readonly desk: StopDesk;
  close(): Promise<void>;
}

/**
 * Opens them before any door: takes up what an earlier run was told and had not recorded, looks for the file STOP,
 * starts the brake's thread, hears SIGUSR2. Each stop holds in the tick in which it is seen, and is recorded then.
 */
export async function openOutside(
  house: House,
  around: Surroundings,
  state: StateDirectory,
  signal: FreezeSignal,
): Promise<Outside> {
  const stops = new OutsideStops(house, state);
  const brake = new Brake({
    state: state.path,
    stops: state.outside,
    place: placeOf(house, around),
    keys: () => ableKeys(house),
    codes: () => house.stopCodes.all().filter(([, person]) => isAble(house, person)),
    channel: () => house.resolved().stopChannel,
    onTrouble: (why) => tellTrouble(house, 'stopChannel', why),
    onUnreachable: (why) => tellTrouble(house, 'brake', why),
    news: () => newsOf(house),
    onStop(stop) {
      void stops.take(stop).then((report) => brake.report(stop.id, report));
    },
    onLost: () => freezeEverything(house.halt, house.recorder, 'a stop from outside could not be read'),
    onRefused: (bearer) => countRefused(house, bearer),
    onLine: (line) => house.halt.hearOutside(line),
    log: (line) => house.log(line),
  });
  await stops.takeUp();
  try {
    await brake.start();
  } catch (error) {
    await brake.close();
    const where = house.resolved().set.configuration.brake ?? 'its thread';
    throw new StartFailure([
      `\`brake\` ${where} cannot be used: ${error instanceof Error ? error.message : error}`,
    ]);
  }
  house.stopKeys.watch(() => brake.tellKeys());
  house.stopCodes.watch(() => brake.tellCodes());
  house.standing.watch(() => {
    brake.tellKeys();
    brake.tellCodes();
    brake.tellChannel();
    brake.tellNews();
  });
  house.halt.watch(() => brake.tellNews());
  const settling = setInterval(() => stops.settle(), SETTLE_MS);
  settling.unref();
  signal.call(() => void stops.takeHere({ by: 'signal', scope: 'all', level: 'frozen', why: 'SIGUSR2' }));
  return {
    get url() {
      return brake.url;
    },
    desk: deskOf(house, stops),
    async close() {
      clearInterval(settling);
      await brake.close();
      stops.settle();
    },
  };
}

const SETTLE_MS = 1000;

function placeOf(house: House, around: Surroundings): BrakePlace | null {
  const { brake, publicUrl, tls } = house.resolved().set.configuration;
  if (brake === undefined) return null;
  const secure = tls === undefined ? undefined : readTls(tls, around);
  if (secure?.ok === false) throw new StartFailure([`tls: ${secure.error}`]);
  const { host, port } = splitAddress(brake);
  return {
    host,
    port,
    names: [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])].map((name) =>
      name.toLowerCase(),
    ),
    ...(secure === undefined ? {} : { tls: secure.value }),
  };
}

function isAble({ standing }: Pick<House, 'standing'>, person: string): boolean {
  const found = standing.inForce.people.get(person);
  return found !== undefined && mayStop(found);
}

const WAYS = {
  stopChannel: {
    kind: 'instance.stop-channel',
    name: 'the channel that stops come by',
    lost: 'cannot be read',
    so: 'nobody can stop over it',
    back: 'can be read again',
  },
  brake: {
    kind: 'instance.brake',
    name: 'the brake',
    lost: 'does not answer',
    so: 'until it does, ./lanyard stop, the console and SIGUSR2 stop',
    back: 'answers again',
  },
} as const;

/** It is never a stop, nor a release: somebody is paged, and it is a hole in what is covered. */
function tellTrouble(house: House, way: keyof typeof WAYS, trouble: string | null): void {
  if (house.waysToStop[way] === trouble) return;
  const isNews = trouble === null || house.waysToStop[way] === null;
  house.waysToStop[way] = trouble;
  const { kind, name, lost, so, back } = WAYS[way];
  house.log(`${name} ${trouble === null ? back : `${lost} (${trouble}): ${so}`}`);
  if (!isNews) return;
  const why = trouble === null ? {} : { why: trouble.slice(0, 200).toWellFormed() };
  const fields = { kind, state: trouble === null ? 'back' : 'lost', ...why } as const;
  house.recorder.record({ fields }).catch(() => house.recorder.owe({ fields }));
}

/** Keys of people who may stop: in force, not disabled, and not merely auditors. */
function ableKeys({ stopKeys, standing }: House): StopKey[] {
  return stopKeys.all().filter(({ person }) => isAble({ standing }, person));
}

function newsOf(house: House): BrakeNews {
  const { inForce } = house.standing;
  const agents = [...inForce.agents.values()].map((agent) => ({
    id: agent.id,
    owner: agent.owner,
    level: house.halt.levelOf(agent),
    inFlight: house.rooms.admission.inFlight(agent.id),
  }));
  const alive = countsOf([...house.halt.alive]);
  const upstreams = [...inForce.upstreams.keys()];
  const levels = Object.fromEntries(house.halt.levels);
  const operations = operationsOf(house);
  return { atMs: house.clock.now(), agents, upstreams, operations, levels, alive };
}

function countRefused({ tokens, refusals }: House, bearer: string): void {
  const found = tokens.looksLikeOurs(bearer) ? tokens.authenticate(bearer, 'brake') : err(null);
  if (!found.ok) refusals.count(null, 'TOKEN_REFUSED');
  else if ('agent' in found.value) refusals.count(found.value.agent, 'AGENT_TOKEN');
  else refusals.count(null, 'AGENT_TOKEN', found.value.point);
}

function deskOf(house: House, stops: OutsideStops): StopDesk {
  return {
    holderOf(bearer) {
      const found = house.stopKeys.holderOf(bearer);
      return found !== null && ableKeys(house).includes(found) ? found : null;
    },
    async stop({ person }, asked) {
      const atMs = house.clock.now();
      const report = await stops.takeHere({ by: 'stop-key', person, ...asked });
      return { ...asked, atMs, kept: report.recorded, report };
    },
    news: () => newsOf(house),
    refused: (bearer) => countRefused(house, bearer),
  };
}

/** Why everything may not be released while the file STOP stands; null when it does not. */
export function whyHeldBySentinel(state: string, scope: string): Problem | null {
  if (scope !== 'all') return null;
  const sight = lookForSentinel(state);
  if (sight === 'absent') return null;
  return sight === 'present'
    ? problem('STOP_FILE', { file: SENTINEL, state })
    : problem('STOP_FILE_UNREADABLE', { file: SENTINEL, why: sight.unreadable });
}
