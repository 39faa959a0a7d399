import { expect } from 'vitest';
import type { Entry } from '../../src/contract/log-entry.ts';
import { enrol } from './people.ts';
import { type HouseOptions, TestHouse } from './test-house.ts';

/** A house in which some operations need people: `post` the owner, `mixed` two reviewers. */
const RULES = `@id("says") @need("Says things") permit (principal, action in Action::"risk:external", resource);
@id("ask-owner") @reason("Everybody sees it") @review("owner")
forbid (principal, action == Action::"mcp:box/post", resource);
@id("ask-two") @review("2 of role:reviewer") @within("1h")
forbid (principal, action == Action::"mcp:box/mixed", resource);
`;
const PEOPLE = `  - { id: grace, name: Grace, roles: [reviewer, security] }
  - { id: alan, name: Alan, roles: [reviewer] }
`;

/** `hold`: how long calls are held; everybody has enrolled unless `unclaimed`. */
export async function askingHouse(
  { hold = '0s', unclaimed = false }: { readonly hold?: string; readonly unclaimed?: boolean } = {},
  { rules = '', ...more }: HouseOptions = {},
): Promise<TestHouse> {
  const configuration = `approvals: { hold: ${hold} }`;
  const house = await TestHouse.open({ rules: RULES + rules, people: PEOPLE, configuration, ...more });
  if (!unclaimed) await enrol(house, 'ada', 'grace', 'alan');
  return house;
}

/** What an agent is answered while a person is waited for. */
export const PENDING = { kind: 'denied', decision: { decision: 'review', code: 'APPROVAL_PENDING' } };

/** The entries whose kind begins so, after a deep verification of the whole log. */
export async function seenIn(house: TestHouse, ...prefixes: string[]): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter(({ kind }) => prefixes.some((prefix) => kind.startsWith(prefix)));
}
