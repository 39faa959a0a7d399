import type { Problem } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { type Pass, spend } from '../../src/pipeline/pass.ts';
import type { Generation } from '../../src/pipeline/ports/call.ts';
import type {
  Definitions,
  ExecuteControl,
  Order,
  Reply,
  TaskQuestion,
  Upstream,
  UpstreamSession,
  Upstreams,
} from '../../src/pipeline/ports/upstream.ts';

/** What the upstream does with an order that was let through. */
export type Behaviour = (order: Order, control: ExecuteControl) => Reply | Promise<Reply>;

export const answering = (text: string): Reply => ({
  kind: 'result',
  result: { content: [{ type: 'text', text }] },
});

export function tool(name: string, properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { name, inputSchema: { type: 'object', properties, required: Object.keys(properties) }, ...more };
}

/**
 * An upstream in this process that keeps the port's word: it looks at the pass in the tick in which it would send, and
 * `sent` holds exactly what got out. One session for each agent; `relist` changes what one or all of them list.
 */
export class CountingUpstream implements Upstream, Upstreams {
  readonly id: string;
  readonly sent: Order[] = [];
  /** How often somebody wished that it be listed again. */
  wishes = 0;
  behaviour: Behaviour = () => answering('done');
  /** What it says of its tasks. */
  tasks: (question: TaskQuestion) => Reply = () => ({
    kind: 'error',
    error: { code: -32602, message: 'There is no such task.' },
  });
  /** Set: no agent gets a session. */
  unavailable: Problem | null = null;
  /** The one generation that it speaks. */
  readonly speaks: Generation;
  #definitions: Definitions;
  readonly #own = new Map<string, Definitions>();
  readonly #sessions = new Map<string, UpstreamSession>();

  constructor(
    id: string,
    tools: readonly JsonObject[],
    more: Partial<Definitions> = {},
    speaks: Generation = '2026',
  ) {
    this.id = id;
    this.speaks = speaks;
    this.#definitions = {
      server: { name: id, version: '1' },
      tools,
      prompts: [],
      resources: [],
      resourceTemplates: [],
      ...more,
    };
  }

  get(id: string): Upstream | undefined {
    return id === this.id ? this : undefined;
  }

  generations(): readonly Generation[] {
    return [this.speaks];
  }

  get definitions(): Definitions {
    return this.#definitions;
  }

  /** The server lists otherwise from here on; to one agent alone where one is named. */
  relist(change: Partial<Definitions>, agent?: string): void {
    if (agent === undefined) this.#definitions = { ...this.#definitions, ...change };
    else this.#own.set(agent, { ...this.#definitions, ...change });
  }

  /** What it lists is looked at when a test says so. */
  listSoon(): void {
    this.wishes++;
  }

  async list(): Promise<Result<Definitions, Problem>> {
    return ok(this.#definitions);
  }

  async session(agent: string, generation: Generation): Promise<Result<UpstreamSession, Problem>> {
    if (this.unavailable !== null) return err(this.unavailable);
    const known = this.#sessions.get(agent);
    if (known !== undefined) return ok(known);
    const session: UpstreamSession = {
      generation,
      definitions: () => this.#own.get(agent) ?? this.#definitions,
      execute: (order, pass, control) => this.#execute(order, pass, control),
      runsAsTask: () => false,
      askTask: async (question) => this.tasks(question),
      hearTask: () => () => undefined,
    };
    this.#sessions.set(agent, session);
    return ok(session);
  }

  async #execute(order: Order, pass: Pass, control: ExecuteControl): Promise<Reply> {
    const refusal = spend(pass, order.digest);
    if (refusal !== null) return { kind: 'not-sent', problem: refusal };
    this.sent.push(order);
    return this.behaviour(order, control);
  }
}
