import { afterEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';

const RULES = `@id("breaker-purpose") @reason("It does what its declared purpose does not take") @trip("watched")
forbid (principal, action, resource) when { context.system.outsidePurpose } unless { action in Action::"risk:read" };
`;

let house: TestHouse;
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** What `writer` declares stands beside its limits. */
async function open(does?: string): Promise<void> {
  house = await TestHouse.open({ limits: does === undefined ? '{}' : `{}, does: ${does}`, rules: RULES });
}
const write = (agent = 'writer') =>
  house.act('write', { path: `${house.directory}/work/a`, text: 'x' }, { agent });
const RAN = { kind: 'result' };
const OUTSIDE = { kind: 'denied', decision: { code: 'FORBIDDEN', rules: ['breaker-purpose'] } };

describe('P4 a purpose that an agent declares', () => {
  test('trips a breaker where an action is none of what that takes, and holds nobody else', async () => {
    await open('["effect:send", "mcp:box/tally"]');
    expect(await write('reader')).toMatchObject(RAN);
    expect(await write()).toMatchObject(OUTSIDE);
    expect(house.upstream.sent).toHaveLength(1);
    expect(Object.fromEntries(house.rooms.halt.levels)).toEqual({ 'agent:writer': 'watched' });
    const { entries, report } = await house.see();
    expect(report).toMatchObject({ holds: true, faults: [] });
    const decided = entries.filter(({ kind, agent }) => kind === 'action.decided' && agent === 'writer');
    expect(decided.map(({ past }) => past)).toEqual([{ outsidePurpose: true }]);
  });

  test.each(['"mcp:box/write"', '["effect:send", "risk:draft"]', '"upstream:box"'])(
    'takes what it names, looking around besides: %s',
    async (does) => {
      await open(does);
      expect(await write()).toMatchObject(RAN);
      expect(await house.look('a')).toMatchObject(RAN);
    },
  );

  test('that says nothing of operations holds nothing', async () => {
    await open();
    expect(await write()).toMatchObject(RAN);
  });
});
