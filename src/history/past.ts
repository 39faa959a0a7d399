import { LIMITS } from '../base/limits.ts';
import type { Entry, TargetShape } from '../contract/log-entry.ts';
import { NO_PAST, type PastFacts } from '../model/past.ts';
import { HourWindow } from './hour-window.ts';

/** As much of an action as is counted by. */
export interface Step {
  readonly agent: string;
  readonly operation: string;
  readonly upstream: string;
  readonly namedTargets: readonly TargetShape[];
}

class AgentPast {
  readonly operations = new Map<string, HourWindow>();
  readonly classes = new Map<string, HourWindow>();
  readonly used = new Set<string>();
  readonly upstreams = new Set<string>();
  /** By target: how many noes. */
  readonly refused = new Map<string, number>();
  /** By operation and target, likewise. */
  readonly again = new Map<string, number>();
}

interface Question {
  readonly agent: string;
  readonly operation: string;
  readonly targets: readonly string[];
}

/**
 * What agents have been through: counters over the events of the log, each of constant cost, whatever the length of the
 * history. Pace is counted in the moment of an allow, so that calls side by side see each other; the rest as entries
 * become durable. A start reads it back from the log; what was used ever is kept in cells (`usedKey`).
 */
export class Past {
  readonly #agents = new Map<string, AgentPast>();
  /** Questions that wait for their answer, by approval. */
  readonly #asked = new Map<string, Question>();

  /** What a decision now sees. */
  facts({ agent, operation, upstream, namedTargets }: Step, risk: string, nowMs: number): PastFacts {
    const past = this.#agents.get(agent);
    if (past === undefined) return NO_PAST;
    let [refusedHere, repeatsAfterNo] = [0, 0];
    if (past.refused.size > 0)
      for (const target of namedTargets) {
        const key = keyOf(target);
        refusedHere += past.refused.get(key) ?? 0;
        repeatsAfterNo += past.again.get(`${operation} ${key}`) ?? 0;
      }
    return {
      operationLastHour: past.operations.get(operation)?.countAt(nowMs) ?? 0,
      classLastHour: past.classes.get(risk)?.countAt(nowMs) ?? 0,
      firstOperation: !past.used.has(operation),
      firstUpstream: !past.upstreams.has(upstream),
      refusedHere,
      repeatsAfterNo,
    };
  }

  /** It is allowed: it counts from here on, also where it then cannot be recorded, which errs on the safe side. */
  count({ agent, operation }: Pick<Step, 'agent' | 'operation'>, risk: string, atMs: number): void {
    const past = this.#of(agent);
    windowOf(past.operations, operation).add(atMs);
    windowOf(past.classes, risk).add(atMs);
  }

  /** Whether it is the first of its operation: then a cell must be kept with the record. */
  isFirst({ agent, operation }: Pick<Step, 'agent' | 'operation'>): boolean {
    return this.#agents.get(agent)?.used.has(operation) !== true;
  }

  /** It is durable that it was allowed: only now is it no first any more. */
  use({ agent, operation, upstream }: Omit<Step, 'namedTargets'>): void {
    const past = this.#of(agent);
    past.used.add(operation);
    past.upstreams.add(upstream);
  }

  /** An entry about a question (`approval.asked`, `.answered`), as it becomes durable; others change nothing. */
  follow(entry: Entry): void {
    const kind: string = entry.kind;
    const { approval } = entry;
    if (typeof approval !== 'string') return;
    if (kind === 'approval.asked') this.#ask(approval, entry);
    else if (kind === 'approval.answered') this.#answer(approval, entry);
    else if (kind === 'approval.cancelled' || kind === 'approval.spent') this.#asked.delete(approval);
  }

  #ask(approval: string, { agent, operation, target, targets }: Entry): void {
    if (agent === undefined || operation === undefined) return;
    const keys = (targets ?? (target === undefined ? [] : [target])).map(keyOf);
    this.#asked.set(approval, { agent, operation, targets: keys });
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= LIMITS.followedQuestions) return;
      this.#asked.delete(oldest);
    }
  }

  /** What came by the socket is nobody's answer. */
  #answer(approval: string, { answer, by, person }: Entry): void {
    const question = this.#asked.get(approval);
    if (question === undefined || answer !== 'deny' || by === 'socket' || typeof person !== 'string') return;
    const { agent, operation, targets } = question;
    const past = this.#of(agent);
    for (const key of targets) {
      bump(past.refused, key);
      bump(past.again, `${operation} ${key}`);
    }
  }

  #of(agent: string): AgentPast {
    let past = this.#agents.get(agent);
    if (past === undefined) {
      past = new AgentPast();
      this.#agents.set(agent, past);
    }
    return past;
  }
}

/** The key of the cell that says so; agents' ids hold no slash. */
export const usedKey = ({ agent, operation }: Pick<Step, 'agent' | 'operation'>): string =>
  `${agent}/${operation}`;

/** Reads such a key; null where it is none. */
export function readUsedKey(key: string): Omit<Step, 'namedTargets'> | null {
  const [, agent, operation, upstream] = /^([^/]+)\/([a-z]+:([^/]+).*)$/.exec(key) ?? [];
  return agent === undefined || operation === undefined || upstream === undefined
    ? null
    : { agent, operation, upstream };
}

const keyOf = ({ type, id }: TargetShape): string => `${type} ${id}`;

function windowOf(windows: Map<string, HourWindow>, key: string): HourWindow {
  let window = windows.get(key);
  if (window === undefined) {
    window = new HourWindow();
    windows.set(key, window);
  }
  return window;
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (counts.size > LIMITS.refusalsPerAgent) forgetOldest(counts);
}

function forgetOldest(counts: Map<string, number>): void {
  for (const key of counts.keys()) {
    counts.delete(key);
    return;
  }
}
