import { expect } from 'vitest';
import type { Entry } from '../../src/contract/log-entry.ts';
import type { Sight } from './test-house.ts';

/** What happened outside, as ids that stand in the actions' targets. */
export interface Seen {
  /** In the order in which the upstream acted. */
  readonly executed: readonly string[];
  /** Those of which a client was told that they were done. */
  readonly answeredOk: readonly string[];
  /** Those of which a client was told that they were denied. */
  readonly answeredDenied?: readonly string[];
}

/** The allow and the outcome of each action, by the id of its target. */
export interface Story {
  readonly allow?: Entry;
  readonly outcomes: readonly Entry[];
}

/**
 * P1, P6 and P7 over a whole log and all that happened. `settled`: nothing is under way, so every allow has its outcome.
 * Plain comparisons first: a loop over many thousand entries is not to be slow.
 */
export function expectPromises({ entries, report }: Sight, seen: Seen, settled = true): Map<string, Story> {
  expect({ holds: report.holds, faults: report.faults }).toEqual({ holds: true, faults: [] });
  const stories = readStories(entries);
  const wrong: string[] = [];
  const executed = new Set<string>();
  for (const id of seen.executed) {
    if (executed.has(id)) wrong.push(`P7 ${id} was executed twice`);
    executed.add(id);
    const story = stories.get(id);
    if (story?.allow === undefined) wrong.push(`P1 ${id} was executed and the log holds no allow of it`);
    else if (story.outcomes.some((outcome) => outcome.outcome === 'aborted'))
      wrong.push(`P7 ${id} was executed and the log says that nothing was sent`);
  }
  for (const id of seen.answeredOk) {
    if (!executed.has(id)) wrong.push(`${id} was answered as done and never executed`);
    if (stories.get(id)?.outcomes[0]?.outcome !== 'ok')
      wrong.push(`P7 ${id} was answered, and its record is lost`);
  }
  for (const id of seen.answeredDenied ?? [])
    if (executed.has(id)) wrong.push(`P2 ${id} was answered as denied and executed`);
  for (const [id, { allow, outcomes }] of stories) {
    if (outcomes.length > 1) wrong.push(`P7 ${id} has ${outcomes.length} outcomes`);
    if (settled && allow !== undefined && outcomes.length === 0) wrong.push(`P7 ${id} has no outcome`);
  }
  expect(wrong).toEqual([]);
  return stories;
}

function readStories(entries: readonly Entry[]): Map<string, Story> {
  const stories = new Map<string, { allow?: Entry; outcomes: Entry[] }>();
  const idOf = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind === 'action.decided' && entry.decision === 'allow') {
      const id = entry.target?.id ?? '';
      idOf.set(entry.action ?? '', id);
      stories.set(id, { allow: entry, outcomes: [] });
    }
    if (entry.kind === 'action.outcome')
      stories.get(idOf.get(entry.action ?? '') ?? '')?.outcomes.push(entry);
  }
  return stories;
}
