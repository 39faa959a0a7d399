import { problem } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import type { Operations } from '../control/operations.ts';
import type { Enrolment } from '../control/people/enrolment.ts';
import type { Sessions } from '../control/people/sessions.ts';
import { hasOwner } from '../pipeline/acts/owners.ts';
import { appealOperations } from './approvals/appeal-operations.ts';
import { approvalOperations } from './approvals/approval-operations.ts';
import { lessOperations } from './approvals/asking-less.ts';
import { batchOperations } from './approvals/batch-operations.ts';
import { grantOperations } from './approvals/grant-operations.ts';
import { caseOperations } from './cases/case-operations.ts';
import { inventoryNow } from './console/agents.ts';
import { drillTroubles } from './console/drills.ts';
import { type DrillLatch, drillOperations } from './drill/drill-operations.ts';
import { Uses } from './evidence/uses.ts';
import type { House } from './house.ts';
import { acceptDefinitions, describeCatalog } from './in-force/accept.ts';
import { applyFiles } from './in-force/apply.ts';
import type { Surroundings } from './in-force/resolve-set.ts';
import { decideRequest, recordRequest } from './lab/decide-request.ts';
import { explainAction } from './lab/explain-action.ts';
import { suggestFor } from './lab/suggest.ts';
import { leaseOperations, leaseRow, Offers } from './leases/lease-operations.ts';
import { whyNotToRelease } from './log/verify-in-background.ts';
import { budgetRows, halfOpenUntil } from './past/budget-rows.ts';
import { ownerOperations } from './people/owner-operations.ts';
import { peopleOperations, sessionOperations } from './people/people-operations.ts';
import { phoneOperations } from './people/phone.ts';
import { tokenOperations, tokensOf } from './people/token-operations.ts';
import { secretsAtStake, stakeFields } from './revoke/stake.ts';
import { halfOpenAfter } from './stop/concerned.ts';
import { haltingOperations, releaseScope } from './stop/halting.ts';
import { whyHeldBySentinel } from './stop/outside.ts';
import { aboutScope, firstWordsOf, killedRelease } from './stop/releasing.ts';
import { type Known, operationsOf } from './stop/scope.ts';
import type { Notifying } from './watching/notifying.ts';

/** What all operators of one instance have in common, whoever they are. */
export interface Shared {
  applying: boolean;
  /** When each person was last sent a test message. */
  readonly testedMs: Map<string, number>;
  readonly uses: Uses;
  readonly offers: Offers;
  readonly drills: DrillLatch;
  /** How people enrol; null where `control` is not opened. */
  readonly enrolment: Pick<Enrolment, 'makeClaimCode'> | null;
  /** Who is signed in; null where nobody can be. */
  readonly sessions: Sessions | null;
  /** Where people sign in. */
  readonly place?: () => string | null;
}

export const sharedBy = (
  people: { readonly enrolment: Enrolment; readonly sessions: Sessions } | null,
  place: () => string | null = () => null,
): Shared => ({
  applying: false,
  testedMs: new Map(),
  uses: new Uses(),
  offers: new Offers(),
  drills: { drilling: false },
  enrolment: people?.enrolment ?? null,
  sessions: people?.sessions ?? null,
  place,
});

/** What a running instance offers an operator, who acts by `house.operate`. `url`: where its doors are. */
export function createOperations(
  house: House,
  around: Surroundings,
  notifying: Notifying,
  url: () => string,
  shared: Shared = sharedBy(null),
): Operations {
  const known: Known = {
    agents: () => [...house.standing.inForce.agents.values()],
    points: () => [...house.standing.inForce.points.keys()],
    upstreams: () => [...house.standing.inForce.upstreams.keys()],
    operations: () => operationsOf(house),
    secrets: (scope) => secretsAtStake(house, scope).map(stakeFields),
  };
  return {
    ...haltingOperations(house, known),
    ...tokenOperations(house),
    ...approvalOperations(house),
    ...lessOperations(house, around),
    ...grantOperations(house),
    ...batchOperations(house),
    ...appealOperations(house),
    ...ownerOperations(house),
    ...caseOperations(house),
    ...phoneOperations(house, notifying, shared.testedMs),
    ...leaseOperations(house, house.leases, shared.offers),
    ...drillOperations(house, around, shared.drills),
    ...notifying.operations(house),
    async status() {
      // Room that was made shows here, though nothing else has been tried since.
      await house.recorder.probe();
      return { url: url(), ...statusOf(house) };
    },
    agents: async () => agentsOf(house),
    async apply(dryRun) {
      // What it changes is told, and judged, against what is in force: one at a time.
      if (shared.applying) return err(problem('APPLYING'));
      shared.applying = true;
      try {
        return await applyFiles(house, around, dryRun);
      } finally {
        shared.applying = false;
      }
    },
    catalog: async () => describeCatalog(house),
    inventory: () => inventoryOf(house, shared.uses),
    accept: (upstream, name, shown) => acceptDefinitions(house, upstream, name, shown),
    release: (scope, why) =>
      releaseScope(
        house,
        {
          known,
          killed: killedRelease(house),
          whyNot: async (what) =>
            whyHeldBySentinel(around.state, what) ?? (await whyNotToRelease(house, what)),
          aboutOf: (what) => aboutScope(house, what),
          halfOpenAfter: (what) => halfOpenAfter(house, what),
        },
        scope,
        why,
      ),
    ...peopleOperations(house, shared),
    ...sessionOperations(house, shared.sessions),
    async checkpoint() {
      await house.recorder.checkpoint();
      return ok({ size: house.recorder.size });
    },
    ...lookingOperations(house, around),
  };
}

/** What would be, and what was: nothing changes. */
function lookingOperations(
  house: House,
  around: Surroundings,
): Pick<Operations, 'decide' | 'explain' | 'suggest'> {
  return {
    decide: async (requests, record) =>
      record
        ? Promise.all(requests.map((request) => recordRequest(house, request)))
        : requests.map((request) => decideRequest(house.rooms, house.standing.inForce, request).answer),
    explain: (action) => explainAction(house, around, action),
    async suggest(agent, sinceMs) {
      const { rooms, standing, store } = house;
      const ground = { rooms, inForce: standing.inForce, parts: standing.parts, store };
      const found = await suggestFor(ground, agent, sinceMs);
      return 'sentence' in found ? err(found) : ok(JSON.parse(JSON.stringify(found)));
    },
  };
}

const UNCLAIMED =
  'none: nobody has enrolled a passkey yet (./lanyard enrol), so any program of this user can act as an operator';

async function inventoryOf(house: House, uses: Uses): Promise<JsonObject> {
  const notes = [...house.standing.inForce.agents.keys()].flatMap((agent) =>
    budgetRows(house, agent).map(({ id, says }) => `${agent}: budget ${id}, ${says}.`),
  );
  return { ...(await inventoryNow(house, uses)), notes };
}

function statusOf(house: House): JsonObject {
  return {
    set: house.standing.parts.digest,
    policy: house.standing.inForce.policy.digest,
    entries: house.recorder.size,
    fault: house.halt.fault,
    recording: house.recorder.failing ?? 'ok',
    levels: Object.fromEntries(house.halt.levels),
    firstWords: Object.fromEntries(firstWordsOf(house)),
    awaitingOutcome: house.rooms.unreported.size,
    unreported: house.rooms.unreported.count,
    upstreamsMissing: house.upstreamPool.missing,
    upstreamTroubles: house.upstreamPool.troubles,
    drills: { ...drillTroubles(house) },
    claimed: house.passkeys.claimed,
    ...(house.passkeys.claimed
      ? { waitingForSignature: house.changes.waiting().length }
      : { proof: UNCLAIMED }),
  };
}

function agentsOf(house: House): JsonObject[] {
  return [...house.standing.inForce.agents.values()].map((agent) => ({
    id: agent.id,
    owner: agent.owner,
    purpose: agent.purpose,
    level: house.halt.levelOf(agent),
    backup: agent.backup ?? null,
    contact: agent.contact ?? null,
    teams: agent.teams,
    contained: false,
    budgets: budgetRows(house, agent.id),
    halfOpenUntil: halfOpenUntil(house, agent.id),
    lease: leaseRow(house.leases, agent.id),
    ownerless: !hasOwner(house.standing.inForce, agent.id),
    tokens: tokensOf(house, { agent: agent.id }),
    inFlight: house.rooms.admission.inFlight(agent.id),
  }));
}
