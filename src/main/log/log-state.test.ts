import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { deny, giveGrant } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { approvalDifferences } from '../approvals/approval-differences.ts';
import { LogState } from './log-state.ts';
import { checkState } from './state-check.ts';

function stateAfter(...entries: readonly object[]): LogState {
  const state = new LogState();
  for (const [seq, entry] of entries.entries())
    state.see({ at: '2026-01-01T00:00:00.000Z', ...entry, seq } as Entry, `leaf ${seq}`);
  return state;
}
const seqs = (state: LogState) => state.unconfirmed(0).map(({ seq }) => seq);

const WIDE = { kind: 'operator.applied', by: 'start', proof: 'none', set: 'wide', changes: ['everything'] };
const ENROLLED = { kind: 'person.enrolled', subject: 'ada', credential: 'a', publicKey: 'k' };
const TIGHTER = { kind: 'operator.applied', by: 'socket', set: 'tighter', tightens: true };

describe('P6 a set that nobody signed', () => {
  it('is still to be confirmed after an apply that merely tightens it', () => {
    const state = stateAfter(WIDE, ENROLLED, TIGHTER);
    expect(seqs(state)).toEqual([0]);
    expect(state.cells.get('in-force set')).toBe('tighter');
  });

  it('is none any more once another set takes its place', () => {
    expect(seqs(stateAfter(WIDE, { ...WIDE, set: 'other' }))).toEqual([1]);
    expect(seqs(stateAfter(WIDE, ENROLLED, TIGHTER, { ...WIDE, proof: { statement: {} } }))).toEqual([]);
  });
});

describe('what was done before anybody could sign', () => {
  const MADE = {
    kind: 'operator.token',
    by: 'socket',
    proof: 'none',
    agent: 'writer',
    token: 't',
    expiresAt: 'x',
  };
  const CONFIRMED = { kind: 'operator.confirmed', by: 'socket', entries: [{ seq: 0, leaf: 'leaf 0' }] };

  it('is shown with what took its place, and not hidden by it', () => {
    const applied = (...changes: string[]) => ({ ...WIDE, by: 'socket', changes });
    const says = (...entries: readonly object[]) =>
      stateAfter(...entries)
        .unconfirmed(0)
        .map((one) => one.says);
    const wide = applied('+ policies/wide.cedar', '    + permit (principal, action, resource);');
    const small = applied('~ agents.writer.purpose: "a" → "b"');
    expect(says(wide, small, applied('~ listen'))).toEqual([
      'the set in force wide: + policies/wide.cedar; ~ agents.writer.purpose: "a" → "b"; ~ listen',
    ]);
    expect(says(wide, small, ENROLLED, { ...small, proof: { statement: {} } })).toEqual([]);
    const many = Array.from({ length: 30 }, (_, i) => `~ agents.a${i}`);
    expect(says(applied(...many))[0]).toMatch(/~ agents\.a19; and 10 more$/);
    const accepted = (name: string) => ({
      ...{ kind: 'operator.accepted', by: 'socket', proof: 'none', definitions: [] },
      ...{ upstream: 'files', generation: '2025', accepted: [name] },
    });
    const both = 'what files lists: tool send; tool read';
    expect(says(accepted('tool send'), accepted('tool read'))).toEqual([both]);
    const signed = (...names: string[]) => ({
      ...accepted('tool send'),
      ...{ accepted: names, proof: { statement: {} } },
    });
    expect(says(accepted('tool send'), accepted('tool read'), signed('tool read'))).toEqual([both]);
    expect(says(accepted('tool send'), accepted('tool read'), signed('tool read', 'tool send'))).toEqual([]);
  });

  it('is confirmed by nobody who could not sign either', () => {
    expect(seqs(stateAfter(MADE, { ...CONFIRMED, proof: 'none' }, ENROLLED))).toEqual([0]);
    expect(seqs(stateAfter(MADE, ENROLLED, { ...CONFIRMED, proof: { statement: {} } }))).toEqual([]);
  });
});

describe('P5 what a passkey has counted', () => {
  it('is counted on from the log after a start, so that a copy of it is behind', async () => {
    const house = await askingHouse();
    onTestFinished(async () => {
      await house.close();
      removeDirectory(house.directory);
    });
    const { entries } = await house.see();
    const shown = entries.flatMap(({ proof }) =>
      isJsonObject(proof)
        ? [Buffer.from(String(proof['authenticatorData']), 'base64url').readUInt32BE(33)]
        : [],
    );
    const { passkeys } = house.house;
    const [{ credential } = { credential: '' }] = passkeys.of('ada');
    expect(passkeys.counterOf(credential)).toBe(0);
    await checkState(house.house);
    expect(passkeys.counterOf(credential)).toBe(Math.max(...shown));
    expect(Math.max(...shown)).toBeGreaterThan(1);
    // What was shown since then is not forgotten for it.
    passkeys.count(credential, 99);
    await checkState(house.house);
    expect(passkeys.counterOf(credential)).toBe(99);
  });
});

const ASKS = `@id("ask-write") @reason("It changes a file") @review("owner")
forbid (principal, action == Action::"mcp:box/write", resource);
`;

async function writingHouse(): Promise<TestHouse> {
  const house = await askingHouse({}, { rules: ASKS });
  onTestFinished(async () => {
    await house.close();
    removeDirectory(house.directory);
  });
  return house;
}

/** A house with one grant that was used up and not yet ended, as a crash within a second of its last use leaves it. */
async function usedUp(): Promise<TestHouse> {
  const house = await writingHouse();
  const write = () => house.act('write', { path: 'a.txt', text: 'x' });
  await write();
  await giveGrant(house, 'ada', { times: 1 });
  await write();
  expect(house.rooms.grants.all()).toMatchObject([{ used: 1, times: 1 }]);
  return house;
}

/** What the start says of grants that differ. */
async function saidOfGrants(house: TestHouse): Promise<string[]> {
  await checkState(house.house);
  return house.told.filter((line) => line.startsWith('state: grant '));
}

describe('P6 what Lanyard does itself while the state is held against the log', () => {
  it('is nobody’s hand: a grant that ends between the two readings differs from nothing', async () => {
    const house = await usedUp();
    house.store.beforeCells('grant', async () => {
      house.rooms.grants.sweep();
      await house.house.recorder.checkpoint();
    });
    expect(await saidOfGrants(house)).toEqual([]);
    const { entries } = await house.see();
    expect(entries.filter(({ kind }) => kind === 'grant.ended')).toHaveLength(1);
  });

  it('hides no hand: a cell that is taken away meanwhile is missed', async () => {
    const house = await usedUp();
    const [grant] = house.rooms.grants.all();
    const cells = [{ kind: 'grant', key: grant?.id ?? '', value: null }];
    house.store.beforeCells('grant', () =>
      house.house.recorder.record({
        fields: { kind: 'operator.revoked', agent: 'writer', tokens: [], by: 'socket' },
        cells,
      }),
    );
    expect(await saidOfGrants(house)).toEqual([
      `state: grant ${grant?.id} is missing, and the log says it stands`,
    ]);
  });
});

describe('P6 a clock that steps back', () => {
  it('makes nobody miss the cell of a no whose time was over before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const house = await writingHouse();
    const ask = (text: string) => house.act('write', { path: 'a.txt', text });
    const beganMs = Date.now();
    const refused = async (text: string) => {
      await ask(text);
      await deny(house, 'ada');
    };
    const most = LIMITS.endedApprovalsPerAgent;
    for (let i = 0; i <= most; i++) await refused(`no ${i}`);
    // By now all of them are over: the oldest is let go of, and its cell goes with the next question.
    vi.setSystemTime(beganMs + 3_600_000);
    await refused('a later one');
    expect(await house.store.cells('approval')).toHaveLength(most + 2);
    await ask('the next one');
    expect(await house.store.cells('approval')).toHaveLength(most + 2);
    vi.setSystemTime(beganMs);
    expect((await approvalDifferences(house.store, house.house.clock.now())).lines).toEqual([]);
  });
});
