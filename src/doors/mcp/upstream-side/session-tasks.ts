import { type JsonObject, memberAt } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { TASKS_EXTENSION } from '../../../intake/client-capabilities.ts';
import type { Definitions, Order, Reply, TaskQuestion, TaskTerms } from '../../../pipeline/ports/upstream.ts';
import { toldIn } from './capabilities.ts';
import type { Call, Channel } from './channel.ts';
import type { UpstreamLimits } from './config.ts';

const TASK_CHANGED = /^notifications\/tasks(?:\/status)?$/;

/** What one call is sent with so that its upstream may answer with a task. */
interface TaskOffer {
  /** The end of its params, before the brace (2025-11-25). */
  readonly params: string;
  /** In the capabilities that go with it (2026-07-28). */
  readonly extensions: JsonObject | undefined;
  /** Whether it may be answered with a task: a task itself goes on as it is. */
  readonly mayBeTask: boolean;
}

/**
 * The tasks of one upstream session. In 2025-11-25 who calls says that it wants one, where the tool has such a form; in
 * 2026-07-28 the server decides, where its client knows of tasks.
 */
export class SessionTasks {
  readonly #channel: Channel;
  readonly #limits: UpstreamLimits;
  /** 2025-11-25: whether the server takes `tools/call` as a task at all. */
  readonly #offered: boolean;
  readonly #heard = new Map<string, () => void>();

  constructor(channel: Channel, capabilities: JsonObject, limits: UpstreamLimits) {
    this.#channel = channel;
    this.#limits = limits;
    this.#offered = memberAt(capabilities, ['tasks', 'requests', 'tools', 'call']) !== undefined;
  }

  /** Null: the answer can be no task. */
  offer({ method, name }: Order, terms: TaskTerms | undefined, definitions: Definitions): TaskOffer | null {
    const extensions = { [TASKS_EXTENSION]: {} };
    if (method === 'tasks/update') return { params: '', extensions, mayBeTask: false };
    if (terms === undefined || method !== 'tools/call') return null;
    if (this.#channel.generation === '2026')
      return terms.told ? { params: '', extensions, mayBeTask: true } : null;
    if (!this.#offered) return null;
    const tool = definitions.tools.find((one) => one['name'] === name);
    const support = tool === undefined ? undefined : memberAt(tool, ['execution', 'taskSupport']);
    if (support !== 'required' && !(support === 'optional' && terms.taken)) return null;
    const wish = terms.ttlMs === null ? '{}' : `{"ttl":${terms.ttlMs}}`;
    return { params: `,"task":${wish}`, extensions: undefined, mayBeTask: true };
  }

  ask({ method, id, can, signal, onAsk, asker }: TaskQuestion): Promise<Reply> {
    const isLong = method === 'tasks/result';
    const call: Call = {
      method,
      name: id,
      paramsText: JSON.stringify({ taskId: id }),
      timeoutMs: isLong ? this.#limits.callMs : Math.min(this.#limits.connectMs, LIMITS.taskLookMs),
      ...(this.#channel.generation === '2025' ? {} : { capabilities: told(this.#channel.capabilities, can) }),
      task: id,
      ...(signal === undefined ? {} : { signal }),
      ...(onAsk === undefined ? {} : { onAsk }),
      ...(asker === undefined ? {} : { asker }),
    };
    return this.#channel.call(call);
  }

  /** `then` is called when the upstream says that something about this task has changed. Answers how to leave. */
  hear(id: string, then: () => void): () => void {
    this.#heard.set(id, then);
    if (this.#channel.generation === '2025') this.#channel.hear();
    return () => {
      if (this.#heard.get(id) === then) this.#heard.delete(id);
    };
  }

  /** Takes a notification; false where it is about no task. What it says of the task is not believed, but looked at. */
  take(method: string, { taskId }: JsonObject): boolean {
    if (!TASK_CHANGED.test(method)) return false;
    if (typeof taskId === 'string') this.#heard.get(taskId)?.();
    return true;
  }
}

/** What a request about a task says of its client (2026-07-28): that it knows of tasks, and what it can be asked. */
function told(declared: JsonObject, can: TaskQuestion['can']): string {
  const extensions = { [TASKS_EXTENSION]: {} };
  return toldIn(declared, can, extensions) ?? '{}';
}
