import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { OWN_LISTED, OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { type Pass, spend } from '../../pipeline/pass.ts';
import type { Generation } from '../../pipeline/ports/call.ts';
import type {
  Definitions,
  ExecuteControl,
  Order,
  Reply,
  Upstream,
  UpstreamSession,
} from '../../pipeline/ports/upstream.ts';
import { type OwnGround, WAYS } from './ways.ts';

/** The built-in server, as the corridor sees any other: nothing runs here without a pass. */
export class OwnUpstream implements Upstream {
  readonly id = OWN_UPSTREAM;
  readonly #house: OwnGround;

  constructor(house: OwnGround) {
    this.#house = house;
  }

  generations(): readonly Generation[] {
    return ['2026', '2025'];
  }

  async list(): Promise<Result<Definitions, never>> {
    return ok(OWN_LISTED);
  }

  listSoon(): void {}

  async session(agent: string, generation: Generation) {
    return this.#house.rooms.inForce().agents.has(agent)
      ? ok(new OwnSession(this.#house, agent, generation))
      : err(problem('UPSTREAM_UNAVAILABLE', { upstream: this.id }));
  }
}

class OwnSession implements UpstreamSession {
  readonly generation: Generation;
  readonly #house: OwnGround;
  readonly #agent: string;

  constructor(house: OwnGround, agent: string, generation: Generation) {
    this.#house = house;
    this.#agent = agent;
    this.generation = generation;
  }

  definitions(): Definitions {
    return OWN_LISTED;
  }

  async execute(order: Order, pass: Pass, control: ExecuteControl): Promise<Reply> {
    const refused = spend(pass, order.digest);
    if (refused !== null) return { kind: 'not-sent', problem: refused };
    const agent = this.#house.rooms.inForce().agents.get(this.#agent);
    const way = order.method === 'tools/call' ? WAYS[order.name] : undefined;
    if (agent === undefined || way === undefined)
      return { kind: 'error', error: { code: -32601, message: 'There is no such thing here.' } };
    const input = JSON.parse(order.argumentsText) as JsonObject;
    const { generation } = this;
    const { digest } = order;
    return { kind: 'result', result: await way(this.#house, { agent, generation, input, digest, control }) };
  }

  runsAsTask(): boolean {
    return false;
  }

  async askTask(): Promise<Reply> {
    return { kind: 'error', error: { code: -32601, message: 'There are no tasks here.' } };
  }

  hearTask(): () => void {
    return () => undefined;
  }
}
