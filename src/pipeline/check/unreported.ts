import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, type EntryFields, entryIn } from '../../contract/log-entry.ts';
import type { Action } from '../../model/action.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { CellChange, Store } from '../../store/store.ts';
import type { Holder } from '../credentials/tokens.ts';
import type { Recorder } from '../record.ts';

/** What an outcome's entry says of the action that it ends. */
type Done = Pick<Action, 'id' | 'agent' | 'owner' | 'session' | 'door' | 'operation' | 'point'>;

interface Waiting {
  readonly action: Done;
  readonly dueMs: number;
  /** The place of its entry in the log, or an earlier one. */
  readonly from: number;
}

interface UnreportedParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Told how much was written on account of an agent. */
  logged(agent: string, bytes: number): void;
  report(line: string): void;
}

/** Where the store keeps how far back the log holds actions whose outcome is awaited. */
const CELL = { kind: 'unreported', key: 'from' } as const;

/**
 * Actions that were allowed and are done elsewhere, by whoever asked: each waits for that caller to tell its outcome,
 * and is `unknown` after LIMITS.unreportedMs. They do not run here, so no checkpoint lists them as open and a restart does
 * not end them. Instead a cell says from which entry on the log may hold some; it is written in the commits of their entries.
 */
export class Unreported {
  readonly #parts: UnreportedParts;
  readonly #byAgent = new Map<string, Map<string, Waiting>>();
  #size = 0;
  /** What the cell says once an entry that carries it is durable; null: it is not there. */
  #cell: { readonly from: number; isDurable: boolean } | null = null;
  /** No action that waits has its entry before this place, as far as was looked. */
  #oldest = 0;
  #recalled: Promise<void> = Promise.resolve();
  #isRecalling = false;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(parts: UnreportedParts) {
    this.#parts = parts;
  }

  /** Actions that wait for their outcome now. */
  get size(): number {
    return this.#size;
  }

  /** Actions since the start whose outcome nobody told in time. */
  get count(): number {
    return this.#count;
  }

  /** Takes on an action that is about to be recorded as allowed; put the cells into that entry's draft. */
  open(action: Done): readonly CellChange[] {
    const from = this.#parts.recorder.size;
    this.#cell ??= { from, isDurable: false };
    const { id, agent, owner, session, door, operation, point } = action;
    const kept = { id, agent, owner, session, door, operation, ...(point === undefined ? {} : { point }) };
    this.#add({ action: kept, dueMs: this.#parts.clock.monotonicMs() + LIMITS.unreportedMs, from });
    return this.#cell.isDurable ? [] : [{ ...CELL, value: String(this.#cell.from) }];
  }

  /** The entry of an action that was opened is durable, and the cells that went with it. */
  opened(cells: readonly CellChange[]): void {
    const value = cells[0]?.value;
    if (this.#cell !== null && value === String(this.#cell.from)) this.#cell.isDurable = true;
  }

  /** The entry could not be recorded: nothing was allowed. */
  forget(action: string, agent: string): void {
    this.#take(agent, action);
  }

  /** Whether the caller asked for this action, and its outcome is still awaited. */
  async isOpen(caller: Holder, action: string): Promise<boolean> {
    if (this.#isRecalling && this.#find(caller, action) === null) await this.#recalled;
    return this.#find(caller, action) !== null;
  }

  /**
   * Ends an open action as its caller says. False where it is not open for this caller (any more). Resolves when that
   * is durable; rejects where it is not, and then it is owed: the action is over all the same.
   */
  async end(caller: Holder, action: string, outcome: Outcome): Promise<boolean> {
    const waiting = this.#find(caller, action);
    if (waiting === null) return false;
    this.#take(waiting.action.agent, action);
    await this.#close(waiting, outcomeFields(waiting.action, outcome));
    return true;
  }

  /**
   * Begins to look regularly for outcomes that nobody told in time. Call it before anything is opened. What was open before
   * the start is read back from the log meanwhile; `recalled` resolves when that is done.
   */
  async start(store: Store): Promise<{ readonly recalled: Promise<void> }> {
    const value = await store.cell(CELL.kind, CELL.key);
    this.#timer ??= setInterval(() => this.sweep(), LIMITS.unreportedSweepMs).unref();
    if (value === null) return { recalled: this.#recalled };
    this.#cell = { from: Number(value), isDurable: true };
    this.#isRecalling = true;
    this.#recalled = this.#recall(store, Number(value))
      .then(() => {
        this.#isRecalling = false;
      })
      .catch((error: unknown) =>
        this.#parts.report(`actions whose outcome is awaited could not be read back: ${String(error)}`),
      );
    return { recalled: this.#recalled };
  }

  /** Ends the looking. What is open is found again at the next start. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends what nobody told in time. */
  sweep(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    let oldest = this.#parts.recorder.size;
    for (const [agent, actions] of this.#byAgent) {
      for (const [id, { dueMs, from }] of actions) {
        if (dueMs <= nowMs) this.#giveUp(agent, id);
        else oldest = Math.min(oldest, from);
      }
    }
    this.#oldest = oldest;
  }

  #giveUp(agent: string, action: string): void {
    const waiting = this.#take(agent, action);
    if (waiting === null) return;
    this.#count++;
    const fields = { ...outcomeFields(waiting.action, { outcome: 'unknown' }), reason: 'unreported' };
    this.#close(waiting, fields).catch((error: unknown) =>
      this.#parts.report(
        `that nobody told the outcome of ${action} could not be recorded yet: ${String(error)}`,
      ),
    );
  }

  async #close({ action }: Waiting, fields: EntryFields): Promise<void> {
    const cells = this.#moveCell();
    try {
      const { bytes } = await this.#parts.recorder.record({ fields, cells });
      this.#parts.logged(action.agent, bytes);
    } catch (error) {
      // What is owed is written later, when the cell may speak for others already.
      this.#parts.recorder.owe({ fields });
      throw error;
    }
  }

  /** The entry that ends the last of them removes the cell; where the cell lies far behind the oldest, it is moved up to that. */
  #moveCell(): readonly CellChange[] {
    if (this.#cell?.isDurable !== true || this.#isRecalling) return [];
    if (this.#size === 0) {
      this.#cell = null;
      return [{ ...CELL, value: null }];
    }
    if (this.#oldest - this.#cell.from < LIMITS.unreportedLag) return [];
    this.#cell = { from: this.#oldest, isDurable: true };
    return [{ ...CELL, value: String(this.#oldest) }];
  }

  #add(waiting: Waiting): void {
    const { agent, id } = waiting.action;
    let actions = this.#byAgent.get(agent);
    if (actions === undefined) {
      actions = new Map();
      this.#byAgent.set(agent, actions);
    }
    actions.set(id, waiting);
    this.#size++;
    if (actions.size <= LIMITS.unreportedPerAgent) return;
    for (const [oldest] of actions) {
      this.#giveUp(agent, oldest);
      return;
    }
  }

  #take(agent: string, action: string): Waiting | null {
    const actions = this.#byAgent.get(agent);
    const waiting = actions?.get(action);
    if (actions === undefined || waiting === undefined) return null;
    actions.delete(action);
    this.#size--;
    return waiting;
  }

  /** An agent's own, where no point asked; a point's own, whatever the agent. */
  #find(caller: Holder, action: string): Waiting | null {
    if ('agent' in caller) {
      const waiting = this.#byAgent.get(caller.agent)?.get(action);
      return waiting === undefined || waiting.action.point !== undefined ? null : waiting;
    }
    for (const actions of this.#byAgent.values()) {
      const waiting = actions.get(action);
      if (waiting !== undefined) return waiting.action.point === caller.point ? waiting : null;
    }
    return null;
  }

  async #recall(store: Store, from: number): Promise<void> {
    const found = await findUnreported(store, from, await store.size());
    const { clock } = this.#parts;
    for (const entry of found) {
      const action = doneOf(entry);
      // What has begun since the start is here already.
      if (this.#byAgent.get(action.agent)?.has(action.id) === true) continue;
      const leftMs = Math.min(
        LIMITS.unreportedMs,
        LIMITS.unreportedMs - (clock.now() - Date.parse(entry.at)),
      );
      this.#add({ action, dueMs: clock.monotonicMs() + Math.max(0, leftMs), from: entry.seq });
    }
  }
}

/** Who asked for an action: the point, else the agent itself. Only that caller may tell its outcome. */
export function askerOf({ point, agent }: Pick<Action, 'point' | 'agent'>): Holder {
  return point === undefined ? { agent } : { point };
}

/** Allows of the check door in this part of the log that nothing ends there. */
async function findUnreported(store: Store, from: number, to: number): Promise<readonly Entry[]> {
  const open = new Map<string, Entry>();
  for await (const page of store.entries(from, to)) {
    for (const { text } of page) {
      if (!text.includes('"door":"check"')) continue;
      const entry = entryIn(text);
      if (entry.action === undefined || entry.door !== 'check') continue;
      if (entry.kind === 'action.decided' && entry.decision === 'allow') open.set(entry.action, entry);
      if (entry.kind === 'action.outcome') open.delete(entry.action);
    }
  }
  return [...open.values()];
}

function doneOf(entry: Entry): Done {
  const { action = '', agent = '', owner = '', session = '', operation = '' } = entry;
  const { point } = entry;
  const done = { id: action, agent, owner, session, door: 'check', operation } as const;
  return typeof point === 'string' ? { ...done, point } : done;
}

function outcomeFields(done: Done, { outcome, code }: Outcome): EntryFields {
  const { id, agent, owner, session, door, operation, point } = done;
  return {
    kind: 'action.outcome',
    action: id,
    agent,
    owner,
    session,
    door,
    ...(point === undefined ? {} : { point }),
    operation,
    outcome,
    ...(code === undefined ? {} : { code }),
  };
}
