import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import { makeVisible } from '../../catalog/visible.ts';
import type { GrantRow } from '../../contract/approval.ts';
import type { Operations } from '../../control/operations.ts';
import type { Grant } from '../../model/grant.ts';
import { unknownApproval } from '../../pipeline/approval/approval-acts.ts';
import { grant as grantAct, revokeGrant } from '../../pipeline/approval/grant-acts.ts';
import type { House } from '../house.ts';

/** What operators do with standing approvals. */
export function grantOperations(house: House): Pick<Operations, 'grants' | 'grant' | 'revokeGrant'> {
  const { rooms } = house;
  return {
    grants: async () => rooms.grants.all().map(rowOf),
    async grant(id, person, digest, { times, forMs }) {
      const kept = rooms.approvals.find(id);
      const agent = house.standing.inForce.agents.get(kept?.approval.agent ?? '');
      if (kept === undefined || agent === undefined) return err(unknownApproval(id));
      const terms = { times, untilMs: house.clock.now() + forMs };
      const done = await house.operate(grantAct(rooms, kept, agent, { person, digest }, terms));
      return done.ok ? ok(done.value.value) : done;
    },
    async revokeGrant(id) {
      const act = revokeGrant(rooms, id);
      if (act === null) return err(problem('UNKNOWN_GRANT', { grant: id }));
      const done = await house.operate(act);
      if (!done.ok) return done;
      const { value, unrecorded } = done.value;
      return ok({ ...value, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
  };
}

function rowOf(grant: Grant): GrantRow {
  const { id, approval, agent, operation, targets, door, reviews, person, times, used } = grant;
  return {
    grant: id,
    approval,
    agent,
    operation,
    door,
    person,
    times,
    used,
    targets: targets.map((target) => ({ type: target.type, id: makeVisible(target.id) })),
    rules: reviews.map(({ rule }) => rule),
    reviews: reviews.map(({ who }) => who),
    given: toInstant(grant.givenAtMs),
    expires: toInstant(grant.untilMs),
  };
}
