import { randomBytes } from 'node:crypto';
import { toInstant } from '../../base/clock.ts';
import type { Problem } from '../../base/errors.ts';
import { type Json, type JsonObject, setKey } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Action } from '../../model/action.ts';
import type { Mark } from '../../model/mark.ts';
import type { TaskStatus } from '../../model/task.ts';
import type { Asked } from '../asks/ask.ts';
import type { Answer, Said } from '../ports/answer.ts';
import type { Generation } from '../ports/call.ts';

/** A task as its client is shown it. */
export interface TaskView {
  /** Our own id. */
  readonly id: string;
  readonly upstream: string;
  readonly status: TaskStatus;
  readonly message?: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly ttlMs: number;
  readonly pollMs: number;
  /** While it asks for input: the requests that nobody has answered, by key. */
  readonly requests?: JsonObject;
  /** What the call would have been answered with; once it is over. */
  readonly answer?: Answer;
}

/** What a task runs on: something at an upstream, or whatever else its call waits for. */
export interface TaskSource {
  /** The question that it waits for or ran by, where that may have become another than the task began with. */
  readonly approved?: Action['approved'];
  /** Looks how it stands, now, and tells the task. Never rejects. */
  look(): Promise<void>;
  /** Brings answers to what was asked, by key, each read already. Never rejects. */
  answer(answers: JsonObject): Promise<void>;
  /** What a client of the older generation said to one of them. Never rejects. */
  said(key: string, said: Said): Promise<void>;
  /** Ends what runs, and the task with it. Never rejects. */
  cancel(why: Problem): Promise<void>;
}

/** One ask of a task that nobody has answered. */
export interface OpenAsk {
  readonly asked: Asked;
  /** Aborted when it is not waited for any more. */
  readonly over: AbortController;
  /** It is being put to a client. */
  isPut: boolean;
}

interface TaskParts {
  readonly action: Action;
  /** What its answer marks the session with. */
  readonly brings: readonly Mark[];
  /** Of the client that made the call. */
  readonly generation: Generation;
  readonly createdMs: number;
  readonly ttlMs: number;
  readonly pollMs: number;
}

/**
 * One call that goes on as a task, under an id of our own: where it stands, what it asks, and at last what it is answered
 * with. It belongs to the agent and the token of its action. What moves it is its source.
 */
export class Task {
  readonly id: string;
  readonly action: Action;
  readonly generation: Generation;
  readonly createdMs: number;
  readonly ttlMs: number;
  /** Resolves with its end. */
  readonly ended: Promise<Answer>;
  readonly asks = new Map<string, OpenAsk>();
  brings: readonly Mark[];
  source: TaskSource | null = null;
  pollMs: number;
  #answer: Answer | null = null;
  #isCancelled = false;
  #message: string | null = null;
  #updatedMs: number;
  #length = 0;
  #resolve: (answer: Answer) => void = () => undefined;
  readonly #watchers = new Set<() => void>();
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch. */
  constructor(parts: TaskParts, now: () => number, id = `task-${randomBytes(16).toString('base64url')}`) {
    this.id = id;
    this.action = parts.action;
    this.brings = parts.brings;
    this.generation = parts.generation;
    this.createdMs = parts.createdMs;
    this.ttlMs = parts.ttlMs;
    this.pollMs = parts.pollMs;
    this.#updatedMs = parts.createdMs;
    this.#now = now;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isOver(): boolean {
    return this.#answer !== null;
  }

  /** JSON text of what it was answered with, in UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  get status(): TaskStatus {
    if (this.#answer === null) return this.asks.size > 0 ? 'input_required' : 'working';
    if (this.#isCancelled) return 'cancelled';
    return this.#answer.kind === 'error' ? 'failed' : 'completed';
  }

  get view(): TaskView {
    const { id, status, ttlMs, pollMs } = this;
    return {
      id,
      upstream: this.action.upstream,
      status,
      ...(this.#message === null ? {} : { message: this.#message }),
      createdAt: toInstant(this.createdMs),
      updatedAt: toInstant(this.#updatedMs),
      ttlMs,
      pollMs,
      ...(status === 'input_required' ? { requests: this.#requests() } : {}),
      ...(this.#answer === null ? {} : { answer: this.#answer }),
    };
  }

  /** `then` is called after every change. Answers how to leave. */
  watch(then: () => void): () => void {
    this.#watchers.add(then);
    return () => this.#watchers.delete(then);
  }

  /** Words about it that may be shown. */
  say(message: string | null): void {
    const said = message === null ? null : message.slice(0, LIMITS.taskTexts.message).toWellFormed();
    if (this.isOver || said === this.#message) return;
    this.#message = said;
    this.#change();
  }

  ask(key: string, asked: Asked): OpenAsk {
    const open = { asked, over: new AbortController(), isPut: false };
    this.asks.set(key, open);
    this.#change();
    return open;
  }

  /** It is not asked for any more. */
  unask(key: string): void {
    const open = this.asks.get(key);
    if (open === undefined) return;
    this.asks.delete(key);
    open.over.abort();
    this.#change();
  }

  /** Its end; a second one is none. */
  end(answer: Answer, isCancelled = false): void {
    if (this.isOver) return;
    this.#answer = answer.kind === 'result' ? { ...answer, text: undefined } : answer;
    this.#isCancelled = isCancelled;
    this.#length = answer.kind === 'result' ? (answer.text ?? JSON.stringify(answer.result)).length : 0;
    this.#message = answer.kind === 'failed' ? answer.problem.sentence : null;
    for (const key of [...this.asks.keys()]) this.unask(key);
    this.#change();
    this.#resolve(answer);
  }

  #requests(): JsonObject {
    const shown: Record<string, Json> = {};
    for (const [key, { asked }] of this.asks)
      setKey(shown, key, { method: asked.ask.method, params: asked.ask.params });
    return shown;
  }

  #change(): void {
    this.#updatedMs = Math.max(this.#updatedMs, this.#now());
    for (const then of [...this.#watchers]) then();
  }
}
