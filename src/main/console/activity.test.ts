import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, toInstant } from '../../base/clock.ts';
import type { LiveEvent } from '../../contract/control-reads.ts';
import { leafHash } from '../../ledger/entry.ts';
import { openSqlite } from '../../store/sqlite/index.ts';
import type { Store } from '../../store/store.ts';
import { Activity } from './activity.ts';

let directory: string;
let store: Store;
let activity: Activity;
let seq: number;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-activity-'));
  store = await openSqlite(join(directory, 'log.sqlite'));
  activity = new Activity(store, systemClock);
  seq = 0;
});
afterEach(async () => {
  activity.stop();
  await store.close();
  rmSync(directory, { recursive: true });
});

async function write(...entries: readonly object[]): Promise<void> {
  const made = entries.map((entry) => {
    const atMs = systemClock.now();
    const whole = { action: 'a1', agent: 'writer', at: toInstant(atMs), kind: '', ...entry, seq: seq++ };
    const text = JSON.stringify(whole);
    return { text, leaf: leafHash(text), atMs, kind: whole.kind, action: whole.action, agent: whole.agent };
  });
  await store.append({ first: seq - made.length, entries: made, bodies: [], cells: [] });
}
const DECIDED = { kind: 'action.decided', operation: 'mcp:box/look' };
const ENDED = { kind: 'action.outcome', outcome: 'ok' };

/** What a console that opens now is told: each row as decision and outcome, and what is to be asked for again. */
function open() {
  const lists: (readonly LiveEvent[])[] = [];
  const leave = activity.follow((events) => lists.push(events));
  const told = () =>
    lists
      .flat()
      .map((one) => (one.event === 'action' ? `${one.data.decision} ${one.data.outcome}` : one.data.what));
  return { lists, leave, told };
}

describe('what open consoles are told', () => {
  it('is the very same list for all, a row for each action as it stands', async () => {
    const [one, other] = [open(), open()];
    await write({ ...DECIDED, decision: 'allow' }, ENDED, { kind: 'approval.expired' });
    await expect.poll(one.told).toEqual(['approvals', 'allow ok']);
    expect(other.lists[0]).toBe(one.lists[0]);
  });

  it('shows an end beside the decision that let it happen, however long ago and whoever was there', async () => {
    const first = open();
    await write({ ...DECIDED, decision: 'review' });
    await expect.poll(first.told).toEqual(['review null']);
    first.leave();
    await write({ ...DECIDED, decision: 'allow' });
    const second = open();
    await write(ENDED);
    await expect.poll(second.told).toEqual(['allow ok']);
    expect(activity.recent(5)).toMatchObject([{ decision: 'allow', outcome: 'ok' }]);
    expect(activity.recent(5)).toBe(activity.recent(5));
  });
});
