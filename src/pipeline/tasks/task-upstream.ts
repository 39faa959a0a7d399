import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { readUpstreamResult } from '../../intake/upstream-message.ts';
import { RELATED_TASK, readTask, type UpstreamTask } from '../../intake/upstream-task.ts';
import type { ClientCan } from '../../model/ask.ts';
import type { InForce } from '../in-force.ts';
import type { Generation } from '../ports/call.ts';
import type { Reply, TaskQuestion, UpstreamSession } from '../ports/upstream.ts';
import type { Ending } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import type { Task } from './task.ts';

/** What runs at an upstream, and how to know it again. */
export interface Running {
  readonly task: Task;
  /** The upstream's own id, which the client never sees, and the generation in which it was made. */
  readonly upstreamTask: string;
  readonly spoken: Generation;
  /** What the client of the call can be asked. */
  readonly can: ClientCan;
  readonly inForce: InForce;
}

/** A task as its upstream has it: how it stands there, what came of it, and its end by a word of ours. */
export class TaskUpstream {
  readonly #rooms: Rooms;
  readonly #running: Running;
  /** What goes with the wait for its result: who answers what is asked there, and until when it is waited for. */
  readonly #waiting: Pick<TaskQuestion, 'onAsk' | 'signal'>;
  readonly #onTold: () => void;
  #isFetching = false;
  #heardOn: UpstreamSession | null = null;
  #unhear: () => void = () => undefined;

  /** `onTold`: the upstream spoke of the task unasked. */
  constructor(
    rooms: Rooms,
    running: Running,
    waiting: Pick<TaskQuestion, 'onAsk' | 'signal'>,
    onTold: () => void,
  ) {
    this.#rooms = rooms;
    this.#running = running;
    this.#waiting = waiting;
    this.#onTold = onTold;
  }

  /** Null: there is no session to ask in now. */
  look(): Promise<Reply | null> {
    return this.#ask('tasks/get');
  }

  /** Whatever comes of it there. Never rejects. */
  async cancel(): Promise<void> {
    await this.#ask('tasks/cancel').catch(() => null);
  }

  /** How it stands by this answer; null where that cannot be read, or tells of another task. */
  read(reply: Reply): UpstreamTask | null {
    const seen = reply.kind === 'result' ? readTask(reply.result, this.#running.spoken) : null;
    return seen?.ok === true && seen.value.id === this.#running.upstreamTask ? seen.value : null;
  }

  /** What is recorded of it, where it stands like this: null where it is not over, or how it went cannot be had now. */
  async endingOf({ status, result, error }: UpstreamTask): Promise<Ending | null> {
    if (status !== 'completed' && status !== 'failed') return null;
    if (result !== undefined) return this.#resultOf(result);
    if (error !== undefined) return { kind: 'error', error };
    return this.result().catch(() => null);
  }

  /** Waits for its result there. Null: that is waited for already, or could not be had now. */
  async result(): Promise<Ending | null> {
    if (this.#isFetching) return null;
    this.#isFetching = true;
    try {
      const reply = await this.#ask('tasks/result');
      if (reply?.kind === 'error') return reply;
      return reply?.kind === 'result' ? this.#resultOf(reply.result) : null;
    } finally {
      this.#isFetching = false;
    }
  }

  /**
   * Read as that of a call is: another task or a question in its place is none, and then nobody can say what was done.
   * Some servers leave `resultType` out here.
   */
  #resultOf(result: JsonObject): Ending {
    const { spoken, task } = this.#running;
    const generation = Object.hasOwn(result, 'resultType') ? spoken : '2025';
    const read = readUpstreamResult(result, 'tools/call', generation, task.action.upstream);
    if (read.ok) return { kind: 'result', result: withoutRelation(read.value) };
    return { kind: 'lost', problem: read.error };
  }

  close(): void {
    this.#unhear();
  }

  async #ask(method: TaskQuestion['method']): Promise<Reply | null> {
    const { task, spoken, upstreamTask, can } = this.#running;
    const { agent, session, upstream } = task.action;
    const opened = await this.#rooms.upstreams.get(upstream)?.session(agent, spoken);
    if (opened?.ok !== true) return null;
    this.#hearOn(opened.value);
    const waiting = method === 'tasks/result' ? { ...this.#waiting, asker: `${agent} ${session}` } : {};
    return opened.value.askTask({ method, id: upstreamTask, can, ...waiting });
  }

  #hearOn(session: UpstreamSession): void {
    if (session === this.#heardOn || this.#running.task.isOver) return;
    this.#unhear();
    this.#heardOn = session;
    this.#unhear = session.hearTask(this.#running.upstreamTask, this.#onTold);
  }
}

/** The upstream's own id of the task stays here. */
function withoutRelation(result: JsonObject): JsonObject {
  const { _meta: meta } = result;
  if (!isJsonObject(meta) || !Object.hasOwn(meta, RELATED_TASK)) return result;
  const { [RELATED_TASK]: _, ...kept } = meta;
  return { ...result, _meta: kept };
}
