import { type Problem, problem } from '../../../src/base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { err, ok, type Result } from '../../../src/base/result.ts';
import type { Attempt } from '../../../src/model/action.ts';
import type { Answer } from '../../../src/pipeline/ports/answer.ts';
import type { CallControl, Caller, Generation } from '../../../src/pipeline/ports/call.ts';
import type { Corridor, Listing } from '../../../src/pipeline/ports/corridor.ts';
import type { Listener, OpenListener } from '../../../src/pipeline/ports/listener.ts';
import type { TaskAnswer } from '../../../src/pipeline/tasks/task-requests.ts';

/** One attempt as the door handed it in. */
export interface Seen {
  readonly attempt: Attempt;
  readonly generation: Generation;
  readonly control: CallControl;
}

const text = (value: string): JsonObject => ({ content: [{ type: 'text', text: value }] });
const tool = (name: string, extra: JsonObject = {}): JsonObject => ({
  name,
  description: `the tool ${name}`,
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, ...extra },
});

const FILES: Listing = {
  tools: [
    tool('echo'),
    tool('secret'),
    tool('slow'),
    tool('broken'),
    tool('regional', { properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } }),
    tool('n'.repeat(125)),
  ],
  prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }],
  resources: [
    { uri: 'file:///a.txt', name: 'a' },
    { uri: 'file:///both.txt', name: 'both' },
  ],
  resourceTemplates: [{ uriTemplate: 'file:///dir/{name}', name: 'in dir' }],
  instructions: 'Files live here.',
};
const WIKI: Listing = {
  tools: [tool('search'), tool('_odd')],
  prompts: [],
  resources: [
    { uri: 'wiki://home', name: 'home' },
    { uri: 'file:///both.txt', name: 'both' },
  ],
  resourceTemplates: [{ uriTemplate: 'wiki://{page}', name: 'page' }],
};

/**
 * A Corridor that answers by script, for tests of the door in front of it. Tokens are `token-<agent>`. What a tool does
 * goes by its name: `secret` is denied, `broken` fails, `slow` runs until `finishSlow` or its signal.
 */
export class ScriptedCorridor implements Corridor {
  readonly seen: Seen[] = [];
  readonly refusals: { readonly agent: string | null; readonly problem: Problem }[] = [];
  readonly peers: string[] = [];
  readonly revoked = new Set<string>();
  listings = new Map<string, Listing>([
    ['files', FILES],
    ['wiki', WIKI],
  ]);
  /** Replaces the script for one action. */
  script: ((seen: Seen) => Promise<Answer>) | null = null;
  readonly #waiting: { readonly kind: 'begun' | 'aborted'; readonly then: () => void }[] = [];
  #release: (() => void)[] = [];
  #actions = 0;

  authenticate(bearer: string | undefined, from: string): Result<Caller, Problem> {
    this.peers.push(from);
    if (bearer === undefined) return err(problem('TOKEN_MISSING'));
    if (bearer === 'flood') return err(problem('TOO_MANY_FAILURES'));
    const agent = /^token-(.+)$/.exec(bearer)?.[1];
    if (agent === undefined || this.revoked.has(bearer)) return err(problem('TOKEN_REFUSED'));
    return ok({ agent, token: bearer });
  }

  upstreams(): readonly string[] {
    return [...this.listings.keys(), 'gone'];
  }

  hasUpstream(id: string): boolean {
    return this.upstreams().includes(id);
  }

  listing(_caller: Caller, upstream: string): Promise<Result<Listing, Problem>> {
    const listing = this.listings.get(upstream);
    return Promise.resolve(
      listing === undefined ? err(problem('UPSTREAM_UNAVAILABLE', { upstream })) : ok(listing),
    );
  }

  inputSchemaOf(upstream: string, _generation: Generation, name: string): JsonObject | null {
    const tool = this.listings.get(upstream)?.tools.find((one) => one['name'] === name);
    const schema = tool?.['inputSchema'];
    return isJsonObject(schema) ? schema : null;
  }

  async tasks(): Promise<TaskAnswer> {
    return { kind: 'refused', problem: problem('UNKNOWN_TASK') };
  }

  readonly frozen = new Set<string>();

  whyNotNow({ agent }: Caller): Problem | null {
    return this.frozen.has(agent) ? problem('FROZEN') : null;
  }

  gone({ token }: Caller): Problem | null {
    return this.revoked.has(token) ? problem('TOKEN_REFUSED') : null;
  }

  readonly sessionsLeft: string[] = [];

  left(session: string): void {
    this.sessionsLeft.push(session);
  }

  /** Listeners that are open; what is told there is the test's. */
  readonly listeners = new Set<Listener>();

  listen(listener: Listener): Result<OpenListener, Problem> {
    this.listeners.add(listener);
    return ok({
      subscribe: (attempt, _asked, control) => this.act(attempt, listener.generation, control),
      unsubscribe: () => undefined,
      close: () => this.listeners.delete(listener),
    });
  }

  /** What is answered to requests that are no attempts, and to every request. */
  tooMany: Problem | null = null;
  tooOften: Problem | null = null;
  looks = 0;

  look(): Problem | null {
    this.looks++;
    return this.tooMany;
  }

  refusedTooOften(): Problem | null {
    return this.tooOften;
  }

  refused(agent: string | null, found: Problem): void {
    this.refusals.push({ agent, problem: found });
  }

  /** Resolves at the next action that begins, or is aborted. */
  next(kind: 'begun' | 'aborted'): Promise<void> {
    return new Promise((then) => this.#waiting.push({ kind, then }));
  }

  /** Lets every `slow` call that runs come to its end. */
  finishSlow(): void {
    for (const release of this.#release) release();
    this.#release = [];
  }

  act(attempt: Attempt, generation: Generation, control: CallControl): Promise<Answer> {
    const seen = { attempt, generation, control };
    this.seen.push(seen);
    const action = `action-${++this.#actions}`;
    const answer = this.script?.(seen) ?? this.#byName(seen, action);
    this.#tell('begun');
    return answer;
  }

  async #byName({ attempt, control }: Seen, action: string): Promise<Answer> {
    if (attempt.name === 'slow') return this.#slow(control, action);
    if (attempt.name === 'secret' || attempt.name === 'file:///secret.txt') return denied(action);
    if (attempt.name === 'broken') {
      return { kind: 'failed', action, problem: problem('UPSTREAM_LOST', { upstream: attempt.upstream }) };
    }
    if (attempt.method === 'resources/read') {
      return { kind: 'result', action, result: { contents: [{ uri: attempt.name, text: 'read' }] } };
    }
    if (attempt.method === 'prompts/get') {
      const content = { type: 'text', text: `Hello ${String(attempt.arguments['who'])}` };
      return { kind: 'result', action, result: { messages: [{ role: 'user', content }] } };
    }
    const said = attempt.arguments['text'];
    return {
      kind: 'result',
      action,
      result: text(typeof said === 'string' ? said : JSON.stringify(attempt.arguments)),
    };
  }

  /** Tells progress twice if it is wanted, then waits. */
  async #slow(control: CallControl, action: string): Promise<Answer> {
    control.onProgress?.({ progress: 1, total: 2, message: 'half' });
    control.onProgress?.({ progress: 2, total: 2 });
    const aborted = await new Promise<boolean>((resolve) => {
      this.#release.push(() => resolve(false));
      if (control.signal.aborted) resolve(true);
      control.signal.addEventListener('abort', () => resolve(true));
    });
    if (!aborted) return { kind: 'result', action, result: text('slow but done') };
    this.#tell('aborted');
    return { kind: 'failed', action, problem: problem('CANCELLED', { upstream: 'files' }) };
  }

  #tell(kind: 'begun' | 'aborted'): void {
    const at = this.#waiting.findIndex((waiting) => waiting.kind === kind);
    if (at !== -1) this.#waiting.splice(at, 1)[0]?.then();
  }
}

export function denied(action: string): Answer {
  return {
    kind: 'denied',
    action,
    decision: {
      decision: 'deny',
      code: 'FORBIDDEN',
      rules: ['no-secrets'],
      reason: 'Secrets stay where they are.',
      reviews: [],
      trips: [],
    },
  };
}

export function isObject(value: unknown): value is JsonObject {
  return isJsonObject(value);
}
