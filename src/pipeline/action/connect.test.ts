import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { CONNECT_OPERATION, WAY_OUT } from '../../model/action.ts';
import { prepareConnect, refusalOfAddress } from './connect.ts';

const RULES = `@id("open") @need("x")
permit (principal, action == Action::"http:CONNECT", resource is Host);
@id("not-there") @reason("Nobody goes there")
forbid (principal, action == Action::"http:CONNECT", resource == Host::"8.8.8.8:443");
@id("asked") @review("owner") @reason("She is asked")
forbid (principal, action == Action::"http:CONNECT", resource == Host::"9.9.9.9:443");
@id("of-the-house") @reason("Names of ours alone")
forbid (principal, action == Action::"http:CONNECT", resource is Host)
unless { resource.host like "*.example.org" };
`;

let house: TestHouse;
beforeAll(async () => {
  house = await TestHouse.open({ rules: RULES });
});
afterAll(async () => {
  await house.close();
  removeDirectory(house.directory);
});
afterEach(() => house.rooms.halt.set('target:8.8.4.4:443', 'live'));

/** Why a tunnel to this name may not lead to the address that came of it. */
function refusal(address: string, name = 'dns.example.org:443'): string | null {
  const inForce = house.rooms.inForce();
  const agent = inForce.agents.get('writer') ?? expect.unreachable('writer');
  const attempt = {
    agent: 'writer',
    session: 's',
    token: null,
    door: 'egress',
    upstream: WAY_OUT,
    method: 'CONNECT',
    name,
    arguments: {},
  } as const;
  const prepared = prepareConnect(house.rooms, inForce, agent, attempt);
  if (prepared.kind !== 'ready') throw new Error(JSON.stringify(prepared));
  expect(prepared.action.operation).toBe(CONNECT_OPERATION);
  return refusalOfAddress(house.rooms, inForce, prepared.action, address)?.code ?? null;
}

test('a name leads to no address that a rule forbids by name, and to any other that is public', () => {
  expect(refusal('8.8.8.8')).toBe('ADDRESS_FORBIDDEN');
  expect(refusal('9.9.9.9')).toBe('ADDRESS_FORBIDDEN');
  // Rules about names say nothing of the addresses behind them.
  expect(refusal('8.8.4.4')).toBeNull();
  expect(refusal('8.8.8.8', 'dns.example.org:8443')).toBeNull();
  expect(refusal('127.0.0.1')).toBe('PRIVATE_ADDRESS');
});

test('a name leads to no address that is stopped either', () => {
  house.rooms.halt.set('target:8.8.4.4:443', 'frozen');
  expect(refusal('8.8.4.4')).toBe('FROZEN');
  expect(refusal('8.8.4.5')).toBeNull();
});
