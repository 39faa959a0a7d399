import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { isFurther, type Stage } from '../../containment/lease.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Pins } from '../../pipeline/action/pins.ts';
import { hasOwner } from '../../pipeline/acts/owners.ts';
import type { InForce } from '../../pipeline/in-force.ts';
import type { Draft } from '../../pipeline/recording/draft.ts';
import { begun, due } from '../../pipeline/stop/lease-acts.ts';
import { cadenceOf, type Lease, type Leases, readLease } from '../../pipeline/stop/leases.ts';
import type { House } from '../house.ts';

/** From here on the level of every agent is also what its lease says. Answers how to end what looks at the time. */
export async function openLeasing(house: House): Promise<() => void> {
  const { halt, leases, passkeys, standing } = house;
  await recallLeases(house, leases);
  const renew = () => {
    leases.setCadences(cadencesOf(standing.inForce, house.pins));
    return beginNew(house, leases);
  };
  await renew();
  await recallActs(house, leases);
  standing.watch(() => {
    void renew();
    halt.moved();
  });
  house.checkpoints.listenToEntries((entries) => {
    for (const { kind, agent, atMs } of entries) {
      if (kind === 'action.decided' && agent !== undefined) leases.acted(agent, atMs);
      if (kind === 'person.enrolled') leases.claimedAt(atMs, true);
    }
  });
  // At once with the apply that says so: who answers for an agent is looked up in every look.
  halt.heed({
    levelOf: (agent) => (hasOwner(standing.inForce, agent) ? 'live' : 'frozen'),
    refusal: problem('NO_OWNER'),
  });
  halt.heed({ levelOf: (agent) => leases.levelOf(agent), refusal: problem('LEASE_OVER') });
  const seen = new Map<string, Stage>();
  const turn = () => tellAndCut(house, leases, seen);
  const timer = setInterval(turn, LIMITS.leaseTurnMs);
  timer.unref();
  if (!passkeys.claimed && standing.inForce.agents.size > 0) house.log(UNCLAIMED_LEASES);
  return () => clearInterval(timer);
}

const UNCLAIMED_LEASES =
  'Owner leases only warn until somebody has enrolled a passkey (./lanyard enrol): before that nobody could sign that she has looked.';

/** Entries that come at least every hour, or with every start: how late it was already. */
const TELLING_TIME = [
  'instance.coverage',
  'instance.started',
  'instance.stopped',
  'person.signed-in',
] as const;

async function recallLeases({ clock, store }: House, leases: Leases): Promise<void> {
  for await (const page of store.find({ kinds: TELLING_TIME, sinceMs: clock.now() }))
    for (const { text } of page) leases.wasAt(timeOf(text));
  for (const { key, value } of await store.cells('lease')) leases.put(key, readLease(value));
  for await (const page of store.find({ kinds: ['person.enrolled'] })) {
    const [first] = page;
    if (first === undefined) continue;
    leases.claimedAt(timeOf(first.text));
    break;
  }
}

/** Who acted since the last look, so that nobody is bothered about agents that did nothing. */
async function recallActs({ store }: House, leases: Leases): Promise<void> {
  const before = await store.size();
  for (const agent of leases.cadences.keys()) {
    const from = leases.find(agent)?.seq ?? before;
    if (from >= before) continue;
    const [newest] = await store.newest({ agent, kinds: ['action.decided'], from, before, limit: 1 });
    if (newest !== undefined) leases.acted(agent, timeOf(newest.text));
  }
}

/** A lease begins when an agent is first in force, and goes on where the agent was away meanwhile. */
async function beginNew(house: House, leases: Leases): Promise<void> {
  const fresh = [...leases.cadences.keys()].filter((agent) => leases.find(agent) === undefined);
  if (fresh.length === 0) return;
  const lease: Lease = { sinceMs: leases.now(), seq: house.recorder.size, told: 'live' };
  for (const agent of fresh) leases.put(agent, lease);
  await record(house, begun(fresh, lease));
}

async function record({ recorder }: House, draft: Draft): Promise<void> {
  await recorder.record(draft).catch(() => recorder.owe(draft));
}

/** Tells of leases that have run out further than was told, and cuts what runs of those that nothing may run of now. */
function tellAndCut(house: House, leases: Leases, seen: Map<string, Stage>): void {
  let stopped = false;
  for (const agent of leases.cadences.keys()) {
    const [now, lease] = [leases.of(agent), leases.find(agent)];
    if (now === null || lease === undefined) continue;
    const before = seen.get(agent) ?? 'live';
    seen.set(agent, now.stage);
    if (isFurther(now.stage, before) && isFurther(now.stage, 'warned')) stopped = true;
    // A longer cadence gives it time again.
    if (isFurther(lease.told, now.stage)) leases.put(agent, { ...lease, told: now.stage });
    if (!now.acted || !isFurther(now.stage, lease.told)) continue;
    const told: Lease = { ...lease, told: now.stage };
    leases.put(agent, told);
    void record(house, due(agent, told));
    house.log(
      `lease: nobody has looked at ${agent} since ${new Date(now.sinceMs).toISOString()}: ${now.stage}`,
    );
  }
  if (stopped) house.halt.moved();
}

/** Of an entry; the beginning of time where somebody broke what it says, so that no lease is counted from a later one. */
function timeOf(text: string): number {
  const atMs = Date.parse(entryIn(text).at);
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** How often each agent in force is looked at: as configured, or by whether it may reach anybody outside. */
function cadencesOf(inForce: InForce, pins: Pins): ReadonlyMap<string, number> {
  return new Map(
    [...inForce.agents.values()].map(({ id, cadenceMs }) => [
      id,
      cadenceOf(cadenceMs, cadenceMs === undefined && reachesOutside(inForce, pins, id)),
    ]),
  );
}

/** Whether the rules in force permit it anything that people or services outside would notice. */
function reachesOutside({ upstreams, policy }: InForce, pins: Pins, agent: string): boolean {
  for (const { id, entryOf } of upstreams.values())
    for (const { kind, name } of pins.of(id).values()) {
      const risk = kind === 'tool' ? entryOf(name)?.risk : undefined;
      if (risk !== 'external' && risk !== 'comment') continue;
      if (policy.outlook(agent, 'live', `mcp:${id}/${name}`).could) return true;
    }
  return false;
}
