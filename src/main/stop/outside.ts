import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import { Brake } from '../../control/brake/brake.ts';
import type { BrakeNews, BrakePlace, StopReport } from '../../control/brake/messages.ts';
import { lookForSentinel, SENTINEL } from '../../control/brake/sentinel.ts';
import type { AskedStop, StopDesk } from '../../control/brake/stop-desk.ts';
import { StopFiles } from '../../control/brake/stop-files.ts';
import { revokeTokens } from '../../pipeline/acts/acts.ts';
import { mayStop } from '../../pipeline/acts/rights.ts';
import type { StopKey } from '../../pipeline/credentials/stop-keys.ts';
import type { Holder } from '../../pipeline/credentials/tokens.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import type { CutThing } from '../../pipeline/stop/live.ts';
import type { OutsideStop } from '../../pipeline/stop/outside.ts';
import { countsOf, stopNow } from '../../pipeline/stop/stop.ts';
import { setStopCodes } from '../../pipeline/stop/stop-key-acts.ts';
import { splitAddress } from '../address.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { type SecretAtStake, secretsAtStake } from '../revoke/stake.ts';
import { StartFailure } from '../start-failure.ts';
import type { StateDirectory } from '../state-directory.ts';
import { readTls } from '../tls.ts';
import type { FreezeSignal } from './freeze-signal.ts';
import { agentsIn, asDecided } from './scope.ts';

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
  const stops = new Stops(house, state);
  const brake = new Brake({
    state: state.path,
    stops: state.outside,
    place: placeOf(house, around),
    keys: () => ableKeys(house),
    codes: () => house.stopCodes.all().filter(([, person]) => isAble(house, person)),
    channel: () => house.resolved().stopChannel,
    onTrouble: (why) => tellTrouble(house, 'stopChannel', why),
    onDeaf: (why) => tellTrouble(house, 'brake', why),
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

/** Stops from outside on their way into the log. */
class Stops {
  readonly #house: House;
  readonly #state: StateDirectory;
  readonly #files: StopFiles;
  /** In force, and owed to the log: their files stay until it has them. */
  readonly #owed = new Set<string>();

  constructor(house: House, state: StateDirectory) {
    this.#house = house;
    this.#state = state;
    this.#files = new StopFiles(state.outside);
  }

  /** What an earlier run was told and did not get to. */
  async takeUp(): Promise<void> {
    const { halt, recorder, log } = this.#house;
    const { stops, unreadable } = this.#files.read();
    for (const path of unreadable) {
      log(
        `${path} cannot be read as the stop that it may be, so everything is frozen; look at it, then remove it`,
      );
      freezeEverything(halt, recorder, 'a kept stop cannot be read');
    }
    for (const stop of stops) {
      log(`a stop of ${stop.scope} that was not in the log yet is taken up again`);
      await this.take(stop);
      this.settle();
    }
    const sight = lookForSentinel(this.#state.path);
    if (sight === 'present') log(`the file ${SENTINEL} is in the state directory: everything is frozen`);
  }

  /** Holds at once; resolves when it is in the log, or owed to it. */
  async take({ id, scope: given, level, by, person, code, why }: OutsideStop): Promise<StopReport> {
    const house = this.#house;
    const scope = asDecided(given);
    const more = person === undefined ? {} : { person };
    const stopped = stopNow(house, scope, level, { by, ...(why === undefined ? {} : { why }), more });
    if (code !== undefined && person !== undefined) await spendCode(house, person, code);
    await stopped.recorded;
    // Killed is: credentials gone.
    if (stopped.level === 'killed') await revokeUnder(house, scope, { by, ...more });
    // What is owed stands behind what was owed before: it is in the log when nothing is.
    const recorded = house.recorder.owesNothing;
    if (recorded) this.#files.remove(id);
    else this.#owed.add(id);
    const secrets = level === 'killed' && person !== undefined ? secretsAtStake(house, scope) : [];
    return { recorded, cut: [...cutLines(stopped.cutting.things), ...secrets.map(secretLine)] };
  }

  /** One that came to this thread itself. */
  takeHere(asked: AskedStop & Pick<OutsideStop, 'by' | 'person'>): Promise<StopReport> {
    return this.take({ id: this.#house.rooms.ids(), ...asked });
  }

  /** What was owed to the log may be in it by now. */
  settle(): void {
    if (this.#owed.size === 0 || !this.#house.recorder.owesNothing) return;
    for (const id of this.#owed) this.#files.remove(id);
    this.#owed.clear();
  }
}

async function revokeUnder(house: House, scope: OutsideStop['scope'], who: JsonObject): Promise<void> {
  const { tokens, recorder, standing } = house;
  const holders: Holder[] = agentsIn(scope, standing.inForce.agents.values()).map(({ id }) => ({
    agent: id,
  }));
  if (scope === 'all') for (const point of standing.inForce.points.keys()) holders.push({ point });
  for (const holder of holders) {
    const act = revokeTokens(tokens, holder);
    act.apply();
    const draft = { fields: { kind: 'operator.revoked', ...act.fields, ...who } as const, cells: act.cells };
    await recorder.record(draft).catch(() => recorder.owe(draft));
  }
}

const secretLine = ({ upstream, revoke }: SecretAtStake) =>
  revoke === 'none'
    ? `the secret of ${upstream} stays good: nothing revokes it, do it by hand`
    : `the secret of ${upstream} is being revoked`;

/** What a stop cut, in our words, the slowest first. */
function cutLines(things: readonly CutThing[]): string[] {
  const slowest = [...things].sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity));
  const named = slowest.slice(0, LIMITS.stopLines).map(({ kind, name, agent, ms }) => {
    const end = ms === null ? 'has not ended yet' : `ended after ${ms} ms`;
    return `${kind} ${name} of ${agent}: ${end}`;
  });
  const more = things.length - named.length;
  return more === 0 ? named : [...named, `and ${more} more`];
}

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

/** A code is good once, whatever became of the stop. */
async function spendCode(house: House, person: string, code: string): Promise<void> {
  const left = house.stopCodes.of(person).filter((digest) => digest !== code);
  const { cells, fields, apply } = setStopCodes(house.stopCodes, person, left);
  apply();
  const draft = {
    fields: { kind: 'person.stop-codes', by: 'stop-code', ...fields, spent: code } as const,
    cells,
  };
  await house.recorder.record(draft).catch(() => house.recorder.owe(draft));
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
  const alive = countsOf([...house.halt.lives]);
  const upstreams = [...inForce.upstreams.keys()];
  const levels = Object.fromEntries(house.halt.levels);
  return { atMs: house.clock.now(), agents, upstreams, levels, alive };
}

function countRefused({ tokens, refusals }: House, bearer: string): void {
  const found = tokens.looksLikeOurs(bearer) ? tokens.authenticate(bearer, 'brake') : err(null);
  if (!found.ok) refusals.count(null, 'TOKEN_REFUSED');
  else if ('agent' in found.value) refusals.count(found.value.agent, 'AGENT_TOKEN');
  else refusals.count(null, 'AGENT_TOKEN', found.value.point);
}

function deskOf(house: House, stops: Stops): StopDesk {
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
