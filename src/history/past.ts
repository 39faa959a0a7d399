import { LIMITS } from '../base/limits.ts';
import type { Entry } from '../contract/log-entry.ts';
import type { PastFacts } from '../model/past.ts';
import { AgentPast, keyOf, knownKeys, type Step, type Traits } from './agent-past.ts';

interface Question {
  readonly agent: string;
  readonly operation: string;
  /** As `keyOf` names them. */
  readonly targets: readonly string[];
}

/**
 * What agents have been through: counters over the events of the log, each of constant cost, whatever the length of the
 * history. Pace is counted in the moment of an allow, so that concurrent calls see each other; everything else when its
 * entry becomes durable. A start works it out again from the log; which operations an agent has ever used is kept in
 * cells (`usedKey`).
 */
export class Past {
  readonly #agents = new Map<string, AgentPast>();
  /** Questions that wait for their answer, by approval. */
  readonly #asked = new Map<string, Question>();
  /** When everything was last released, which is a release of every agent there is or will be. */
  #allReleasedMs = Number.NEGATIVE_INFINITY;
  /** Whether everything is stopped, and not only because the instance was claimed. */
  #isAllStopped = false;

  /** What a decision now sees. */
  facts(step: Step, traits: Traits, nowMs: number): PastFacts {
    return (this.#agents.get(step.agent) ?? this.#unmet(nowMs)).facts(step, traits, nowMs);
  }

  #unmet(nowMs: number): AgentPast {
    if (nowMs >= this.#allReleasedMs + LIMITS.halfOpenMs) return NOTHING;
    const past = new AgentPast();
    past.release(this.#allReleasedMs);
    return past;
  }

  /** Counts an allow at once, even where it then cannot be recorded, which errs on the safe side. */
  count(step: Pick<Step, 'agent' | 'operation' | 'namedTargets'>, traits: Traits, atMs: number): void {
    this.#of(step.agent).count(step, traits, atMs);
  }

  /** Until when everything that this agent does counts double, because it was released; null: it does not. */
  halfOpenUntil(agent: string, nowMs: number): number | null {
    const past = this.#agents.get(agent);
    if (past !== undefined) return past.halfOpenUntil(nowMs);
    const until = this.#allReleasedMs + LIMITS.halfOpenMs;
    return nowMs < until ? until : null;
  }

  denied(agent: string): void {
    this.#of(agent).denied();
  }

  /** Counts how an allowed action ended. One that was never sent has no end to be counted. */
  ended(step: Pick<Step, 'agent' | 'operation' | 'argumentsText'>, well: boolean): void {
    this.#of(step.agent).ended(step, well);
  }

  /** Whether this is the agent's first use of the operation: then a cell must be kept with the record. */
  isFirst({ agent, operation }: Pick<Step, 'agent' | 'operation'>): boolean {
    return this.#agents.get(agent)?.used.has(operation) !== true;
  }

  /** Keys of its audience and owners that the agent has not met yet: a cell for each must be kept with the record. */
  unknown(step: Pick<Step, 'agent' | 'owners'>, traits: Traits): readonly string[] {
    const known = this.#agents.get(step.agent)?.known;
    if (known !== undefined && known.size >= LIMITS.knownPerAgent) return NONE;
    const keys = knownKeys(step, traits);
    return keys.every((key) => known?.has(key)) ? NONE : keys.filter((key) => known?.has(key) !== true);
  }

  /** The allow is durable: only now is the operation one that the agent has used. */
  use({ agent, operation, upstream }: Pick<Step, 'agent' | 'operation' | 'upstream'>): void {
    const past = this.#of(agent);
    past.used.add(operation);
    past.upstreams.add(upstream);
  }

  know(agent: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    const { known } = this.#of(agent);
    for (const key of keys) if (known.size < LIMITS.knownPerAgent) known.add(key);
  }

  /** The agent's hours that are over, as text, where they are to be stored again; null: they are not. */
  takeUsual(agent: string): string | null {
    return this.#agents.get(agent)?.usual.takeUnstored() ?? null;
  }

  recallUsual(agent: string, text: string): void {
    this.#of(agent).usual.recall(text);
  }

  /** An entry about a question, a stop or a release, as it becomes durable; others change nothing. */
  follow(entry: Entry): void {
    const kind: string = entry.kind;
    if (kind === 'containment.stopped' && entry['scope'] === 'all')
      this.#isAllStopped ||= entry.by !== 'claim';
    if (kind === 'containment.released') this.#release(entry);
    if (kind === 'appeal.answered') this.#answerAppeal(entry);
    const { approval } = entry;
    if (typeof approval !== 'string') return;
    if (kind === 'approval.asked') this.#ask(approval, entry);
    else if (kind === 'approval.answered') this.#answer(approval, entry);
    else if (kind === 'approval.cancelled' || kind === 'approval.spent') this.#asked.delete(approval);
  }

  /**
   * Makes half-open whom the entry names: its agent or its `agents`; everyone where it names none. After a stop that
   * only came with the claim, nobody is: nothing had happened then to be held narrower for.
   */
  #release({ scope, at, was, agents }: Entry): void {
    if (typeof scope !== 'string' || was === 'live') return;
    const atMs = Date.parse(at);
    const agent = /^agent:(.+)$/.exec(scope)?.[1];
    if (agent !== undefined) this.#of(agent).release(atMs);
    else if (Array.isArray(agents)) for (const one of agents) this.#of(String(one)).release(atMs);
    else if (scope !== 'all' || this.#isAllStopped) this.#releaseAll(atMs);
    if (scope === 'all') this.#isAllStopped = false;
  }

  #releaseAll(atMs: number): void {
    this.#allReleasedMs = Math.max(this.#allReleasedMs, atMs);
    for (const past of this.#agents.values()) past.release(atMs);
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

  /** Counts a person's no. The socket proves no person, so a denial that came by it does not count. */
  #answer(approval: string, { answer, by, person }: Entry): void {
    const question = this.#asked.get(approval);
    if (question === undefined || answer !== 'deny' || by === 'socket' || typeof person !== 'string') return;
    this.#countNo(question);
  }

  /**
   * Counts a person's no to what an agent put before her: the same action again is a repeat, like that of any other
   * refused call.
   */
  #answerAppeal({ agent, operation, target, answer }: Entry): void {
    if (answer !== 'no' || agent === undefined || operation === undefined || target === undefined) return;
    this.#countNo({ agent, operation, targets: [keyOf(target)] });
  }

  #countNo({ agent, operation, targets }: Question): void {
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
      past.release(this.#allReleasedMs);
      this.#agents.set(agent, past);
    }
    return past;
  }
}

/** The past of an agent that has done nothing yet. Nothing is ever counted in it. */
const NOTHING = new AgentPast();
const NONE: readonly string[] = [];

/** The key of the cell that says that an agent has used an operation. No agent's id holds a slash. */
export const usedKey = ({ agent, operation }: Pick<Step, 'agent' | 'operation'>): string =>
  `${agent}/${operation}`;

/** Reads such a key; null where it is none. */
export function readUsedKey(key: string): Pick<Step, 'agent' | 'operation' | 'upstream'> | null {
  const [, agent, operation, upstream] = /^([^/]+)\/([a-z]+:([^/]+).*)$/.exec(key) ?? [];
  return agent === undefined || operation === undefined || upstream === undefined
    ? null
    : { agent, operation, upstream };
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
