import { z } from 'zod';
import { canonicalize } from '../../base/canonical.ts';
import { type JsonObject, objectIn } from '../../base/json.ts';
import type { Action } from '../../model/action.ts';
import { DOORS } from '../../model/action.ts';
import { MARKS } from '../../model/mark.ts';
import type { Cell, CellChange, Store } from '../../store/store.ts';
import { saltedDigest } from '../action/action.ts';
import type { Rooms } from '../rooms.ts';
import { Task } from './task.ts';
import { follow, type GoOn } from './task-run.ts';
import type { Running } from './task-upstream.ts';
import { TASK_CELL } from './tasks.ts';

const target = z.object({ type: z.string(), id: z.string() });
const generation = z.enum(['2026', '2025']);

/** Of every task that the store keeps: when it was made, and the action behind it, but for its arguments. */
export const KEPT_TASK = z.object({
  generation,
  createdMs: z.number(),
  ttlMs: z.number(),
  pollMs: z.number(),
  brings: z.array(z.enum(MARKS)),
  parent: z.string().nullable(),
  /** Names the run's own token, which no restart outlives. */
  ofRun: z.string().nullable().default(null),
  action: z.object({
    id: z.string(),
    agent: z.string(),
    owner: z.string(),
    session: z.string(),
    token: z.string().nullable(),
    door: z.enum(DOORS),
    upstream: z.string(),
    name: z.string(),
    operation: z.string(),
    pin: z.string().nullable(),
    targets: z.array(
      target.extend({ ancestors: z.array(target), attributes: z.record(z.string(), z.string()) }),
    ),
    namedTargets: z.array(target),
    argumentsDigest: z.string(),
    digest: z.string(),
  }),
  approved: z
    .object({
      reviews: z.array(z.object({ who: z.string(), rule: z.string() })),
      policy: z.string(),
    })
    .nullable(),
});
const KEPT = KEPT_TASK.extend({
  upstreamTask: z.string(),
  spoken: generation,
  can: z.object({
    form: z.boolean(),
    url: z.boolean(),
    sampling: z.boolean(),
    samplingTools: z.boolean(),
    roots: z.boolean(),
    tasks: z.boolean(),
  }),
});
type Kept = z.infer<typeof KEPT>;

/**
 * What the store keeps of a task that runs: all but the arguments, which lie beside the log as they were recorded. Where
 * something was left out of those, the task cannot be taken up, as what is decided again must be what was decided.
 */
export function taskCell({ task, upstreamTask, spoken, can }: Running): CellChange {
  const { action, brings, generation: made, createdMs, ttlMs, pollMs } = task;
  // Reads out of them what belongs into the cell, and nothing else.
  const kept: Kept = KEPT.parse({
    upstreamTask,
    spoken,
    generation: made,
    createdMs,
    ttlMs,
    pollMs,
    brings,
    can,
    action,
    parent: action.parent ?? null,
    ofRun: action.ofRun ?? null,
    approved: action.approved ?? null,
  });
  return { kind: TASK_CELL, key: task.id, value: canonicalize(kept) };
}

interface TakenUp {
  /** The actions that go on. */
  readonly actions: ReadonlySet<string>;
  /** What the store forgets with an action whose task could not be taken up. */
  lost(action: string | undefined): readonly CellChange[];
}

/** Takes up the tasks that ran when the process ended. */
export async function takeUpTasks(rooms: Rooms, store: Store, goOn: GoOn): Promise<TakenUp> {
  const actions = new Set<string>();
  const lost = new Map<string | undefined, CellChange>();
  for (const cell of await store.cells(TASK_CELL)) {
    const kept = readKept(cell);
    const action = kept === null ? null : await keptAction(store, kept);
    if (kept === null || action === null || !rooms.recorder.open.has(action.id)) {
      lost.set(kept?.action.id, { kind: TASK_CELL, key: cell.key, value: null });
      continue;
    }
    const { brings, createdMs, ttlMs, pollMs, spoken, upstreamTask, can } = kept;
    const parts = { action, brings, generation: kept.generation, createdMs, ttlMs, pollMs };
    const task = new Task(parts, () => rooms.clock.now(), cell.key);
    rooms.marks.expect(action.id, action, brings);
    rooms.tasks.stored(task);
    follow(rooms, { task, upstreamTask, spoken, can, inForce: rooms.inForce() }, true, goOn);
    actions.add(action.id);
  }
  return {
    actions,
    lost(action) {
      const cell = lost.get(action);
      return cell === undefined ? [] : [cell];
    },
  };
}

function readKept({ value }: Cell): Kept | null {
  const kept = KEPT.safeParse(objectIn(value));
  return kept.success ? kept.data : null;
}

/** The action with its arguments, where they are still those that its digest binds. */
export async function keptAction(store: Store, kept: z.infer<typeof KEPT_TASK>): Promise<Action | null> {
  const found = await withArguments(store, kept);
  return found?.isWhole === true ? found.action : null;
}

/** The action with what is left of its arguments: its client is told of it by the rules of the day. Never to be run. */
export async function toldAction(store: Store, kept: z.infer<typeof KEPT_TASK>): Promise<Action> {
  return (await withArguments(store, kept))?.action ?? actionWith(kept, {}, '{}', new Uint8Array());
}

async function withArguments(
  store: Store,
  kept: z.infer<typeof KEPT_TASK>,
): Promise<{ readonly action: Action; readonly isWhole: boolean } | null> {
  const body = await store.body(kept.action.id, 'arguments');
  const args = body === null ? null : objectIn(body.text);
  if (body === null || args === null) return null;
  const { salt, text } = body;
  const isWhole = saltedDigest(salt, text) === kept.action.argumentsDigest;
  return { action: actionWith(kept, args, text, salt), isWhole };
}

function actionWith(
  { action, parent, ofRun, approved }: z.infer<typeof KEPT_TASK>,
  args: JsonObject,
  argumentsText: string,
  salt: Uint8Array,
): Action {
  return {
    ...action,
    ...(parent === null ? {} : { parent }),
    ...(ofRun === null ? {} : { ofRun }),
    ...(approved === null ? {} : { approved }),
    method: 'tools/call',
    arguments: args,
    argumentsText,
    salt,
  };
}
