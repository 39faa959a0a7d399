import { toInstant } from '../../base/clock.ts';
import type { AgentRow, AgentView, InventoryView } from '../../contract/control-reads.ts';
import type { Agent } from '../../model/agent.ts';
import { hasOwner } from '../../pipeline/acts/owners.ts';
import { takeInventory } from '../evidence/inventory.ts';
import type { Uses } from '../evidence/uses.ts';
import type { House } from '../house.ts';
import { leaseRow } from '../leases/lease-operations.ts';
import { budgetRows, halfOpenUntil } from '../past/budget-rows.ts';

function agentRow(house: House, agent: Agent, tokens: number): AgentRow {
  const { activity, halt, rooms } = house;
  const { id, owner, backup, purpose, contact, teams } = agent;
  const lastMs = activity.lastMsOf(id);
  return {
    id,
    owner,
    backup: backup ?? null,
    purpose,
    contact: contact ?? null,
    teams,
    level: halt.levelOf(agent),
    // Nothing here can show that an agent has no other way; until `run` can, none is taken for contained.
    contained: false,
    lease: leaseRow(house.leases, id),
    ownerless: !hasOwner(house.standing.inForce, id),
    inFlight: rooms.admission.inFlight(id),
    tokens,
    waiting: rooms.approvals.waitingOf(id),
    lastAt: lastMs === null ? null : toInstant(lastMs),
    minutes: activity.minutesOf(id),
  };
}

export function agentRows(house: House): AgentRow[] {
  const tokens = house.tokens.countByAgent();
  const agents = [...house.standing.inForce.agents.values()];
  return agents.map((agent) => agentRow(house, agent, tokens.get(agent.id) ?? 0));
}

export async function inventoryNow(house: House, uses: Uses): Promise<InventoryView> {
  await uses.catchUp(house.store);
  return takeInventory({
    inForce: house.standing.inForce,
    set: house.resolved().set,
    pins: house.pins,
    uses,
    levelOf: (agent) => house.halt.levelOf(agent),
    tokensOf: (agent) => house.tokens.ofAgent(agent).map(({ id }) => id),
  });
}

export async function agentView(house: House, uses: Uses, id: string): Promise<AgentView | null> {
  const agent = house.standing.inForce.agents.get(id);
  if (agent === undefined) return null;
  const { rows } = await inventoryNow(house, uses);
  return {
    agent: agentRow(house, agent, house.tokens.ofAgent(id).length),
    abilities: rows.filter((row) => row.agent === id),
    tokens: house.tokens
      .ofAgent(id)
      .map((token) => ({ id: token.id, expiresAt: toInstant(token.expiresAtMs) })),
    budgets: budgetRows(house, id),
    halfOpenUntil: halfOpenUntil(house, id),
  };
}
