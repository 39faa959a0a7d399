import { toInstant } from '../../base/clock.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Duty, DutyKind } from '../../contract/control-reads.ts';
import type { Operations } from '../../control/operations.ts';
import { hasOwner } from '../../pipeline/acts/owners.ts';
import { answerableIn } from '../cases/case-operations.ts';
import type { House } from '../house.ts';
import { answerableFor } from '../leases/lease-operations.ts';
import type { NeverUsed } from './never-used.ts';
import type { OpenEnds } from './open-ends.ts';
import type { Waiting } from './questions.ts';

/** How many actions with an unknown end are listed. */
const MOST_UNKNOWN = 20;

/** What is kept from one look at the duties to the next, so that ten thousand questions do not slow them. */
interface DutiesParts {
  readonly openEnds: OpenEnds;
  readonly neverUsed: NeverUsed;
  /** What goes on until somebody has seen it (watch/notify). */
  readonly alerts: Operations['alerts'];
}

/** A duty as its maker has it; the table says of which kind it is. */
type Owed = Omit<Duty, 'kind'>;

/** Who makes the duties of each kind, in the order in which they are shown. */
const MAKERS: Readonly<
  Record<
    DutyKind,
    (house: House, parts: DutiesParts, waiting: readonly Waiting[]) => Owed[] | Promise<Owed[]>
  >
> = {
  alert: alertDuties,
  approval: (_house, _parts, waiting) => questionDuties(waiting),
  appeal: appealDuties,
  'take-over': takeOvers,
  look: looks,
  case: caseDuties,
  pin: pinDuties,
  unknown: unknownEnds,
  unused: neverUsedDuties,
};

/** What each person owes: to answer, to find out how something ended, to look at what is never used. */
export async function dutiesOf(
  house: House,
  parts: DutiesParts,
  waiting: readonly Waiting[],
): Promise<Duty[]> {
  const duties: Duty[] = [];
  for (const [kind, make] of Object.entries(MAKERS) as [DutyKind, (typeof MAKERS)[DutyKind]][])
    for (const owed of await make(house, parts, waiting)) duties.push({ kind, ...owed });
  return duties;
}

/** An alert is to be acknowledged by whom it is for: people it names, or who answers for its agent. */
async function alertDuties({ standing }: House, parts: DutiesParts): Promise<Owed[]> {
  const { alerts } = await parts.alerts();
  return (Array.isArray(alerts) ? alerts : []).filter(isJsonObject).flatMap((alert): Owed[] => {
    const agent = typeof alert['agent'] === 'string' ? alert['agent'] : null;
    const named = Array.isArray(alert['people']) ? alert['people'].map(String) : [];
    const owner = agent === null ? undefined : standing.inForce.agents.get(agent)?.owner;
    const people = named.length > 0 ? named : [owner ?? 'role:security'];
    const what = agent ?? (typeof alert['scope'] === 'string' ? alert['scope'] : null);
    const sentence = `${what === null ? '' : `${what}: `}${alert['says'] ?? 'an alert'}`;
    const since = typeof alert['opened'] === 'string' ? alert['opened'] : null;
    const path = `/alerts/${String(alert['id'])}`;
    return people.map((person) => ({ person, sentence, agent, path, since }));
  });
}

/** The gravest of each person by itself; the others as a number, for nobody reads a thousand lines. */
function questionDuties(waiting: readonly Waiting[]): Owed[] {
  const duties: Owed[] = [];
  const counts = new Map<string, number>();
  for (const { kept, people } of waiting)
    for (const person of people) {
      const count = (counts.get(person) ?? 0) + 1;
      counts.set(person, count);
      if (count > LIMITS.questionDuties) continue;
      const { id, agent, askedAtMs } = kept.approval;
      const sentence = `${agent} asks: ${kept.asked.operation}`;
      const since = toInstant(askedAtMs);
      duties.push({ person, sentence, agent, path: `/approvals/${id}`, since });
    }
  for (const [person, count] of counts) {
    const more = count - LIMITS.questionDuties;
    const sentence = `${more} more ${more === 1 ? 'question waits' : 'questions wait'}`;
    if (more > 0) duties.push({ person, sentence, agent: null, path: '/inbox', since: null });
  }
  return duties;
}

/** What agents put before people, for whom it is. */
function appealDuties({ appeals }: House): Owed[] {
  return appeals
    .all()
    .filter(({ phase }) => phase === 'open')
    .flatMap(({ id, agent, kind, owner, backup, madeAtMs }) =>
      [owner, ...(backup === undefined ? [] : [backup])].map(
        (person): Owed => ({
          person,
          sentence: `${agent} ${APPEALS[kind]}`,
          agent,
          path: `/appeals/${id}`,
          since: toInstant(madeAtMs),
        }),
      ),
    );
}

const APPEALS = {
  question: 'asks something',
  permission: 'asks for a rule',
  handover: 'hands over',
} as const;

/** Where nobody answers for an agent any more, its backup takes over. */
function takeOvers({ standing }: House): Owed[] {
  return [...standing.inForce.agents.values()]
    .filter(({ id }) => !hasOwner(standing.inForce, id))
    .map(({ id, owner, backup }): Owed => {
      const sentence = `${owner} cannot answer for ${id} any more, so it stands still; ${backup === undefined ? 'an apply names somebody else' : 'its backup takes over, or an apply names somebody else'}`;
      return { person: backup ?? 'nobody', sentence, agent: id, path: `/agents/${id}`, since: null };
    });
}

/** Who answers for an agent looks at what it did, before its lease is over. */
function looks({ leases, standing }: House): Owed[] {
  return [...standing.inForce.agents.values()].flatMap((agent): Owed[] => {
    const { id } = agent;
    const now = hasOwner(standing.inForce, id) ? leases.of(id) : null;
    if (now === null || now.stage === 'live' || (!now.acted && now.stage === 'warned')) return [];
    const since = toInstant(now.sinceMs);
    const sentence = `${id}: look at what it did; ${STANDS[now.stage]}`;
    return answerableFor(agent).map((person) => ({
      person,
      sentence,
      agent: id,
      path: `/agents/${id}`,
      since,
    }));
  });
}

/** What stops left to look into; what is no one agent's is for security. */
function caseDuties(house: House): Owed[] {
  return house.cases.all().map(({ id, scope, openedAt }): Owed => {
    const [person = 'role:security'] = answerableIn(house, scope);
    const agent = /^agent:(.+)$/.exec(scope)?.[1] ?? null;
    const sentence = `${scope} was stopped: look into it, and close it`;
    return { person, sentence, agent, path: `/cases/${id}`, since: openedAt };
  });
}

const STANDS = {
  warned: 'it soon stops acting by itself',
  watched: 'all but reads need a person until then',
  frozen: 'nothing of it runs until then',
} as const;

/**
 * What an upstream lists otherwise than it is pinned is hidden from every agent: whoever owns one finds out whether that
 * is as it should be. An upstream has no owner of its own.
 */
function pinDuties({ pins, standing }: House): Owed[] {
  const { agents, upstreams } = standing.inForce;
  const owners = new Set([...agents.values()].map(({ owner }) => owner));
  return [...upstreams.keys()].flatMap((upstream): Owed[] => {
    const differ = pins.differing(upstream);
    if (differ === 0) return [];
    const what = differ === 1 ? 'a definition' : `${differ} definitions`;
    const sentence = `${upstream} lists ${what} otherwise than pinned, hidden until accepted: ./lanyard catalog accept ${upstream} shows the difference`;
    return [...owners].map((person) => ({ person, sentence, agent: null, path: '/inventory', since: null }));
  });
}

async function unknownEnds({ store, standing }: House, { openEnds }: DutiesParts): Promise<Owed[]> {
  const found = await openEnds.newest(store, MOST_UNKNOWN);
  return found.map(
    ({ action, agent = '', operation, at }): Owed => ({
      person: standing.inForce.agents.get(agent)?.owner ?? 'nobody',
      sentence: `${agent}: ${operation ?? 'an action'} has an unknown end; look whether it was done`,
      agent,
      path: `/actions/${action}`,
      since: at,
    }),
  );
}

async function neverUsedDuties(house: House, { neverUsed }: DutiesParts): Promise<Owed[]> {
  const idle = await neverUsed.count(house);
  return [...idle].map(
    ([agent, count]): Owed => ({
      person: house.standing.inForce.agents.get(agent)?.owner ?? 'nobody',
      sentence: `${agent} may do ${count} ${count === 1 ? 'thing' : 'things'} that it never did; take back what it does not need`,
      agent,
      path: `/agents/${agent}`,
      since: null,
    }),
  );
}
