import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { isJsonObject } from '../../src/base/json.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { Entry } from '../../src/contract/log-entry.ts';
import type { Wanted } from './bodies.ts';
import { type BrakeGround, codeOf, type Replied } from './ground.ts';

export interface Round {
  readonly scope: string;
  readonly level: 'frozen' | 'killed';
  /** Agents that the scope covers. */
  readonly covered: readonly string[];
  /** Calls and questions to people of all agents together. */
  readonly calls: number;
  readonly asks: number;
  /** How many calls the servers have read when it is pulled. */
  readonly pulledAt: number;
  /** What else runs meanwhile. */
  readonly bodies?: Wanted;
  /** Says which round, so that no call is named twice. */
  readonly name: string;
}

export interface Seen {
  /** Calls that were in flight when it was pulled, as the stop's own entry counts them. */
  readonly cut: number;
  readonly lastMs: number;
}

/**
 * Many calls over every door at once, and a stop in the middle of them. When it has returned, nothing of what it covers is
 * sent any more; what a server reads still had left before and is `unknown` in the log; what it does not cover goes on.
 */
export async function stopUnderLoad(ground: BrakeGround, round: Round): Promise<Seen> {
  const { scope, level, covered, calls, asks, pulledAt, name } = round;
  if (round.bodies !== undefined) await ground.bodies.open(round.bodies, name);
  const before = ground.arrived().length;
  const isCovered = new Set(covered);
  const replies: { agent: string; id: string; reply: Promise<Replied> }[] = [];
  const begin = (i: number, tool: 'hold' | 'tell') => {
    const agent = ground.agents[i % ground.agents.length] ?? '';
    const id = `${name}-${tool}-${agent}-${i}`;
    replies.push({ agent, id, reply: ground.call(agent, Math.floor(i / ground.agents.length), tool, id) });
  };
  for (let i = 0; i < asks; i++) begin(i, 'tell');
  for (let i = 0; i < calls; i++) begin(i, 'hold');
  const checks = keepChecking(ground, covered, name);

  while (ground.arrived().length - before < pulledAt) await pause(1);
  const stopped = await ground.stopScope(scope, level);
  await ground.bodies.expectStopped(level, covered);
  await checks.stop();
  await Promise.all(replies.filter(({ agent }) => isCovered.has(agent)).map(({ reply }) => reply));
  await expectNoMore(ground, round);
  const entries = await ground.log();
  expectStories(ground, entries, round);
  expect(checks.clearedAfter()).toEqual([]);
  if (!isJsonObject(stopped)) throw new Error('the stop was not answered');
  const entry = entries.findLast(({ kind }) => kind === 'containment.stopped');
  const cut = isJsonObject(entry?.['cut']) ? entry['cut'] : {};
  const counts = isJsonObject(cut['counts']) ? cut['counts'] : {};
  // A busy machine has calls that end later than a stop waits for; that each has ended is what the stories say.
  const named = Array.isArray(cut['things']) ? cut['things'].filter(isJsonObject) : [];
  const late = named.filter(({ ms }) => ms === null);
  expect(late.length).toBe(Math.min(Number(cut['alive'] ?? 0), LIMITS.stopNamed));
  expect(late.filter(({ kind }) => kind !== 'call')).toEqual([]);
  return { cut: Number(counts['call'] ?? 0), lastMs: Number(cut['lastMs'] ?? 0) };
}

/** After a stop nobody it covers gets anything through, at any door. */
async function expectNoMore(ground: BrakeGround, { covered, level, name }: Round): Promise<void> {
  const read = ground.arrived().length;
  const late = covered.slice(0, 20);
  const codes = await Promise.all(
    late.flatMap((agent, n) => [
      ground.call(agent, n, 'hold', `${name}-late-${n}`).then(codeOf),
      ground.check(agent, `${name}-late-check-${n}`).then(codeOf),
    ]),
  );
  // The older generation's session ends with the token as well; so many that fail at once are not looked at after a while.
  const refused = level === 'killed' ? /^401$|TOO_MANY_FAILURES/ : /^FROZEN$/;
  expect(codes.filter((code) => !refused.test(code))).toEqual([]);
  const since = ground.arrived().slice(read);
  expect(since.filter(({ call }) => call?.includes('-late-') === true)).toEqual([]);
}

/** Each call that a server read is in the log, ended, and `unknown` unless it goes on; what was aborted nobody read. */
function expectStories(ground: BrakeGround, entries: readonly Entry[], { covered, name }: Round): void {
  const read = new Map<string, number>();
  for (const { call } of ground.arrived()) if (call !== null) read.set(call, (read.get(call) ?? 0) + 1);
  const ended = new Map<string, Entry>();
  for (const entry of entries) if (entry.kind === 'action.outcome') ended.set(entry.action ?? '', entry);
  const isCovered = new Set(covered);
  for (const entry of entries) {
    const id = entry.target?.id ?? '';
    if (entry.kind !== 'action.decided' || entry.door !== 'mcp' || !id.startsWith(`${name}-`)) continue;
    const times = read.get(id) ?? 0;
    const outcome = ended.get(entry.action ?? '');
    const story = { id, times, decision: entry.decision, outcome: outcome?.outcome, code: outcome?.code };
    if (entry.decision !== 'allow') expect(story).toMatchObject({ times: 0 });
    else if (!isCovered.has(entry.agent ?? '')) expect(story).toMatchObject({ outcome: undefined });
    else if (times > 0) expect(story).toMatchObject({ times: 1, outcome: 'unknown', code: 'STOPPED' });
    else expect(['aborted', 'unknown']).toContain(story.outcome);
  }
}

/** Asks the check door again and again; what it clears once the stop has returned counts against it. */
function keepChecking(ground: BrakeGround, covered: readonly string[], name: string) {
  let isOver = false;
  const cleared: string[] = [];
  const run = async () => {
    for (let i = 0; !isOver; i++) {
      const begun = ground.check(covered[i % covered.length] ?? '', `${name}-check-${i}`);
      const { text } = await begun;
      // Answered after the stop had returned, so handed over after it.
      if (isOver && text.includes('"decision":true')) cleared.push(text);
      await turn();
    }
  };
  const running = run();
  return {
    stop: async () => {
      isOver = true;
      await running;
    },
    clearedAfter: () => cleared,
  };
}
