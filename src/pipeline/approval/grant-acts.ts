import { isEnoughAlone, mayStand } from '../../approval/grant.ts';
import { DAY_MS } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Agent } from '../../model/agent.ts';
import type { Grant } from '../../model/grant.ts';
import { entryOf } from '../action/operation-entry.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { OperatorAct } from '../operate.ts';
import type { Rooms } from '../rooms.ts';
import type { Kept } from './approval-kept.ts';
import { givenFields, grantCell, noCell, revokedFields } from './grant-entries.ts';

/** At most so often, and until when (epoch milliseconds). */
interface GrantTerms {
  readonly times: number;
  readonly untilMs: number;
}

/** Why no grant can be given at this question, whoever gives it; null: one can. */
export function whyNoGrant(rooms: Rooms, { approval, asked, edited }: Kept): Problem | null {
  if (approval.phase !== 'open' || rooms.approvals.hasRunOut({ approval, asked }))
    return problem('APPROVAL_OVER');
  if (!mayStand(entryOf(rooms.inForce(), asked.operation))) return problem('GRANT_WEIGHT');
  if (edited !== undefined) return problem('GRANT_EDITED');
  if (asked.targets.every(({ type }) => type === 'Target')) return problem('GRANT_AIMLESS');
  if (approval.policy !== rooms.inForce().policy.digest) return problem('OTHER_RULES');
  return null;
}

function whyNotThese(rooms: Rooms, agent: string, { times, untilMs }: GrantTerms): Problem | null {
  const leftMs = untilMs - rooms.clock.now();
  const isShort = leftMs > 0 && leftMs <= LIMITS.grantMostMs;
  if (!Number.isInteger(times) || times < 1 || times > LIMITS.grantTimes || !isShort)
    return problem('GRANT_TERMS', { times: LIMITS.grantTimes, days: LIMITS.grantMostMs / DAY_MS });
  if (rooms.grants.of(agent).length >= LIMITS.grantsPerAgent)
    return problem('TOO_MANY_GRANTS', { limit: LIMITS.grantsPerAgent });
  return null;
}

/** Who gives a grant, and what she was shown when she did. */
interface Giver {
  /** The person's id. */
  readonly person: string;
  /** Of the action on her page. */
  readonly digest: string;
}

/** A yes in advance to what is like the action that its giver was shown, the waiting one included. */
export function grant(
  rooms: Rooms,
  kept: Kept,
  agent: Agent,
  { person, digest }: Giver,
  terms: GrantTerms,
): OperatorAct<{ readonly grant: string }> {
  const { approval, asked } = kept;
  const given: Grant = {
    id: rooms.ids(),
    approval: approval.id,
    agent: agent.id,
    operation: asked.operation,
    pin: asked.pin,
    door: asked.door,
    targets: asked.targets,
    reviews: approval.reviews.map(({ rule, who }) => ({ rule, who })),
    texts: rooms.grants.textsOf(approval.reviews),
    person,
    ...terms,
    givenAtMs: rooms.clock.now(),
    used: 0,
  };
  const from = rooms.recorder.size;
  return {
    name: 'grant',
    about: { agents: [agent], named: isHersAlone(rooms, kept, agent, person), only: person },
    fields: givenFields(given, agent.owner, from),
    cells: [grantCell(given, from)],
    refuse: async () => {
      if (digest !== kept.approval.digest) return problem('OTHER_ACTION');
      if (!isHersAlone(rooms, kept, agent, person)) return problem('GRANT_NOT_HERS');
      return (
        whyNotNow(rooms, agent.id) ??
        whyNoGrant(rooms, kept) ??
        whyNotThese(rooms, agent.id, terms) ??
        (given.texts.includes('') ? problem('OTHER_RULES') : null)
      );
    },
    apply() {
      rooms.grants.put(given);
      rooms.approvals.wakeAgent(agent.id);
      return { grant: given.id };
    },
  };
}

function isHersAlone(rooms: Rooms, { approval }: Kept, { owner, backup }: Agent, person: string): boolean {
  const voter = rooms.approvals.electorate.voters().get(person);
  return voter !== undefined && isEnoughAlone(owner, backup, approval.reviews, voter);
}

/** Takes a grant back. Tightens: by the socket, or by anybody but an auditor. */
export function revokeGrant(rooms: Rooms, id: string): OperatorAct<{ readonly revoked: boolean }> | null {
  const found = rooms.grants.find(id);
  if (found === undefined) return null;
  return {
    name: 'revoke-grant',
    fields: revokedFields(found),
    cells: [noCell(found)],
    apply() {
      rooms.grants.drop(found);
      return { revoked: true };
    },
  };
}
