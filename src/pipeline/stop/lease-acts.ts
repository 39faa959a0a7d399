import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import type { Agent } from '../../model/agent.ts';
import { canOwn, type Person } from '../../model/person.ts';
import { hasOwner, type Owners } from '../acts/owners.ts';
import type { OperatorAct } from '../operate.ts';
import type { Draft } from '../recording/draft.ts';
import type { Standing } from '../standing.ts';
import { type Lease, type Leases, writeLease } from './leases.ts';

/** What one person was shown of an agent, to be confirmed as a whole. */
export interface Shown {
  readonly agent: string;
  /** Of the lease that she would renew. */
  readonly sinceMs: number;
  /** When it was shown, by the clock of the leases, and where the log stood: what came later is of the next look. */
  readonly atMs: number;
  readonly seq: number;
  /** Ids of actions, chosen here. */
  readonly sample: readonly string[];
  /** How many actions she was told there were since the last look. */
  readonly actions: number;
  /** `sha256:` of all that she was shown. */
  readonly digest: string;
}

/**
 * Its owner or backup has looked: opened what the agent did since the last look, and confirmed the sample. A signed-in
 * session is enough, since what it gives back runs out again.
 */
export function look(
  leases: Leases,
  agent: Agent,
  shown: Shown,
  answerable: readonly string[],
): OperatorAct<Lease> {
  const lease: Lease = {
    sinceMs: shown.atMs,
    seq: shown.seq,
    told: 'live',
  };
  return {
    name: 'look',
    unsigned: true,
    about: { agents: [agent], answerable },
    fields: {
      agent: agent.id,
      since: toInstant(lease.sinceMs),
      upTo: lease.seq,
      sample: [...shown.sample],
      actions: shown.actions,
      shown: shown.digest,
    },
    cells: [{ kind: 'lease', key: agent.id, value: writeLease(lease) }],
    refuse: async () =>
      leases.find(agent.id)?.sinceMs === shown.sinceMs ? null : problem('LOOKED_MEANWHILE'),
    apply() {
      leases.put(agent.id, lease);
      return lease;
    },
  };
}

/** Her owner is disabled, has left or has lost the role: the backup answers for the agent from now on. */
export function takeOver(
  owners: Owners,
  standing: Standing,
  agent: Agent,
  person: Person,
): OperatorAct<void> {
  const taken = { owner: person.id, from: agent.owner };
  const refuse = () => {
    const { inForce } = standing;
    const now = inForce.agents.get(agent.id);
    if (now === undefined || hasOwner(inForce, agent.id))
      return problem('OWNER_ANSWERS', { owner: agent.owner, agent: agent.id });
    if (now.backup !== person.id || !canOwn(inForce.people.get(person.id)))
      return problem('NOT_BACKUP', { person: person.id, agent: agent.id });
    return null;
  };
  return {
    name: 'take-over',
    about: { agents: [agent], answerable: agent.backup === undefined ? [] : [agent.backup] },
    fields: { agent: agent.id, ...taken },
    cells: [{ kind: 'owner', key: agent.id, value: JSON.stringify(taken) }],
    refuse: async () => refuse(),
    apply() {
      owners.put(agent.id, taken);
      standing.reown((parts) => owners.over(parts));
    },
  };
}

/** These agents are in force for the first time. */
export function begun(agents: readonly string[], lease: Lease): Draft {
  return {
    fields: {
      kind: 'containment.leased',
      by: 'lease',
      agents: [...agents],
      since: toInstant(lease.sinceMs),
      upTo: lease.seq,
    },
    cells: agents.map((agent) => ({ kind: 'lease', key: agent, value: writeLease(lease) })),
  };
}

/** A lease has run out this far. By this entry those who answer for the agent are told. */
export function due(agent: string, lease: Lease): Draft {
  return {
    fields: { kind: 'containment.lease-due', by: 'lease', agent, stage: lease.told },
    cells: [{ kind: 'lease', key: agent, value: writeLease(lease) }],
  };
}
