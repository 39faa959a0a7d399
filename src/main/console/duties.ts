import { toInstant } from '../../base/clock.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Duty } from '../../contract/control-reads.ts';
import type { Operations } from '../../control/operations.ts';
import { hasOwner } from '../../pipeline/owners.ts';
import { answerableIn } from '../case-operations.ts';
import type { House } from '../house.ts';
import { answerableFor } from '../lease-operations.ts';
import type { NeverUsed } from './never-used.ts';
import type { OpenEnds } from './open-ends.ts';
import type { Waiting } from './questions.ts';

/** How many actions with an unknown end are listed. */
const MOST_UNKNOWN = 20;

/** What is kept from one look at the duties to the next, so that ten thousand questions do not slow them. */
export interface DutiesParts {
  readonly openEnds: OpenEnds;
  readonly neverUsed: NeverUsed;
  /** What goes on until somebody has seen it (watch/notify). */
  readonly alerts: Operations['alerts'];
}

/** What each person owes: to answer, to find out how something ended, to look at what is never used. */
export async function dutiesOf(
  house: House,
  { openEnds, neverUsed, alerts }: DutiesParts,
  waiting: readonly Waiting[],
): Promise<Duty[]> {
  return [
    ...alertDuties(house, await alerts()),
    ...questionDuties(waiting),
    ...appealDuties(house),
    ...lookedFor(house),
    ...caseDuties(house),
    ...(await unknownEnds(house, openEnds)),
    ...(await neverUsedDuties(house, neverUsed)),
  ];
}

/** An alert is to be acknowledged by whom it is for: people it names, or who answers for its agent. */
function alertDuties({ standing }: House, { alerts }: JsonObject): Duty[] {
  return (Array.isArray(alerts) ? alerts : []).filter(isJsonObject).flatMap((alert): Duty[] => {
    const agent = typeof alert['agent'] === 'string' ? alert['agent'] : null;
    const named = Array.isArray(alert['people']) ? alert['people'].map(String) : [];
    const owner = agent === null ? undefined : standing.inForce.agents.get(agent)?.owner;
    const people = named.length > 0 ? named : [owner ?? 'role:security'];
    const what = agent ?? (typeof alert['scope'] === 'string' ? alert['scope'] : null);
    const sentence = `${what === null ? '' : `${what}: `}${alert['says'] ?? 'an alert'}`;
    const since = typeof alert['opened'] === 'string' ? alert['opened'] : null;
    return people.map((person) => ({ kind: 'alert', person, sentence, agent, path: '/inbox', since }));
  });
}

/** The gravest of each person by itself; the others as a number, for nobody reads a thousand lines. */
function questionDuties(waiting: readonly Waiting[]): Duty[] {
  const duties: Duty[] = [];
  const counts = new Map<string, number>();
  for (const { kept, people } of waiting)
    for (const person of people) {
      const count = (counts.get(person) ?? 0) + 1;
      counts.set(person, count);
      if (count > LIMITS.questionDuties) continue;
      const { id, agent, askedAtMs } = kept.approval;
      const sentence = `${agent} asks: ${kept.asked.operation}`;
      duties.push({
        kind: 'approval',
        person,
        sentence,
        agent,
        path: `/approvals/${id}`,
        since: toInstant(askedAtMs),
      });
    }
  for (const [person, count] of counts) {
    const more = count - LIMITS.questionDuties;
    const sentence = `${more} more ${more === 1 ? 'question waits' : 'questions wait'}`;
    if (more > 0)
      duties.push({ kind: 'approval', person, sentence, agent: null, path: '/inbox', since: null });
  }
  return duties;
}

/** What agents put before people, for whom it is. */
function appealDuties({ appeals }: House): Duty[] {
  return appeals
    .all()
    .filter(({ phase }) => phase === 'open')
    .flatMap(({ id, agent, kind, owner, backup, madeAtMs }) =>
      [owner, ...(backup === undefined ? [] : [backup])].map(
        (person): Duty => ({
          kind: 'appeal',
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

/** Who answers for an agent looks at what it did, before its lease is over; where nobody answers, the backup takes over. */
function lookedFor({ leases, standing }: House): Duty[] {
  return [...standing.inForce.agents.values()].flatMap((agent): Duty[] => {
    const { id, owner, backup } = agent;
    const path = `/agents/${id}`;
    if (!hasOwner(standing.inForce, id)) {
      const sentence = `${owner} cannot answer for ${id} any more, so it stands still; ${backup === undefined ? 'an apply names somebody else' : 'its backup takes over, or an apply names somebody else'}`;
      return [{ kind: 'take-over', person: backup ?? 'nobody', sentence, agent: id, path, since: null }];
    }
    const now = leases.of(id);
    if (now === null || now.stage === 'live' || (!now.acted && now.stage === 'warned')) return [];
    const since = toInstant(now.sinceMs);
    const sentence = `${id}: look at what it did; ${STANDS[now.stage]}`;
    return answerableFor(agent).map((person) => ({ kind: 'look', person, sentence, agent: id, path, since }));
  });
}

/** What stops left to look into; what is no one agent's is for security. */
function caseDuties(house: House): Duty[] {
  return house.cases.all().map(({ id, scope, openedAt }): Duty => {
    const [person = 'role:security'] = answerableIn(house, scope);
    const agent = /^agent:(.+)$/.exec(scope)?.[1] ?? null;
    const sentence = `${scope} was stopped: look into it, and close it`;
    return { kind: 'case', person, sentence, agent, path: `/cases/${id}`, since: openedAt };
  });
}

const STANDS = {
  warned: 'it soon stops acting by itself',
  watched: 'all but reads need a person until then',
  frozen: 'nothing of it runs until then',
} as const;

async function unknownEnds({ store, standing }: House, openEnds: OpenEnds): Promise<Duty[]> {
  const found = await openEnds.newest(store, MOST_UNKNOWN);
  return found.map(
    ({ action, agent = '', operation, at }): Duty => ({
      kind: 'unknown',
      person: standing.inForce.agents.get(agent)?.owner ?? 'nobody',
      sentence: `${agent}: ${operation ?? 'an action'} has an unknown end; look whether it was done`,
      agent,
      path: `/actions/${action}`,
      since: at,
    }),
  );
}

async function neverUsedDuties(house: House, neverUsed: NeverUsed): Promise<Duty[]> {
  const idle = await neverUsed.count(house);
  return [...idle].map(
    ([agent, count]): Duty => ({
      kind: 'unused',
      person: house.standing.inForce.agents.get(agent)?.owner ?? 'nobody',
      sentence: `${agent} may do ${count} ${count === 1 ? 'thing' : 'things'} that it never did; take back what it does not need`,
      agent,
      path: `/agents/${agent}`,
      since: null,
    }),
  );
}
