import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { ask } from '../../src/cli/instance.ts';
import type { Instance } from '../../src/main/instance.ts';
import { keyOf } from '../../src/main/log/open-log.ts';
import { start } from '../../src/main/start.ts';
import { openSignerOf, stateDirectory } from '../../src/main/state-directory.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { current } from '../doors/agents/running-door.ts';
import { ROOT } from '../source-tree.ts';
import { readLog, type Sight } from './test-house.ts';

const CATALOG = `catalog: counting
operations:
  count: { risk: draft, effect: [create], reversibility: reversible, audience: self, worst: Counts, targets: [{ type: Call, id: "{id}" }] }
`;
const RULES = `@id("counts") @need("It counts")
permit (principal, action in Action::"risk:draft", resource);
@id("never") @reason("Not this one")
forbid (principal, action, resource is Call) when { resource.id like "deny-*" };
`;

/** One call that the counting upstream has acted on, with how many entries were durable in the log at that moment. */
export interface Counted {
  readonly id: string;
  readonly durable: number;
}

/**
 * A state, a configuration with the counting upstream, and what the upstream counts: all that outlives a kill. `agents`
 * are writer0, writer1 …, each with an upstream process of its own.
 */
export class Grounds {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-kill-')));
  readonly configPath = join(this.directory, 'lanyard.yaml');
  readonly agents: readonly string[];
  readonly #callsFile = join(this.directory, 'calls');
  readonly #alive: Server;
  readonly #living = new Set<Socket>();

  private constructor(agents: number) {
    this.agents = Array.from({ length: agents }, (_, i) => `writer${i}`);
    this.#alive = createServer((socket) => {
      this.#living.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#living.delete(socket));
    });
  }

  static async make(agents: number): Promise<Grounds> {
    const grounds = new Grounds(agents);
    grounds.#write();
    await new Promise<void>((done) => grounds.#alive.listen(join(grounds.directory, 'alive'), done));
    return grounds;
  }

  #write(): void {
    const limits = '{ attemptsPerMinute: 10000000 }';
    const agents = this.agents.map(
      (id) => `  - { id: ${id}, owner: ada, purpose: Counts, limits: ${limits} }`,
    );
    const env = {
      CALLS_FILE: this.#callsFile,
      ALIVE_SOCKET: join(this.directory, 'alive'),
      LOG_FILE: this.logPath,
    };
    const command = [process.execPath, '--no-warnings', join(ROOT, 'tests/faults/counting-stdio.mjs')];
    const upstream = { command, cwd: './work', env, catalog: 'counting' };
    mkdirSync(join(this.directory, 'work'));
    writeFileSync(
      this.configPath,
      `listen: 127.0.0.1:0
people: [{ id: ada, name: Ada, roles: [owner] }]
agents:
${agents.join('\n')}
upstreams: { box: ${JSON.stringify(upstream)} }
policies: [rules.cedar]
catalog: [counting.yaml]
`,
    );
    writeFileSync(join(this.directory, 'counting.yaml'), CATALOG);
    writeFileSync(join(this.directory, 'rules.cedar'), RULES);
    writeFileSync(this.#callsFile, '');
  }

  get logPath(): string {
    return stateDirectory(join(this.directory, 'state')).log;
  }

  /** What the upstream has done so far, oldest first. */
  counted(): Counted[] {
    const lines = readFileSync(this.#callsFile, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [id = '', durable] = line.split(' ');
      return { id, durable: Number(durable) };
    });
  }

  /** The whole log and what the offline verifier says of it; only while no instance runs or all is quiet. */
  async see(): Promise<Sight> {
    const signer = openSignerOf(stateDirectory(join(this.directory, 'state')));
    const store = await openSqlite(this.logPath, { readOnly: true });
    try {
      return await readLog(store, keyOf(signer), signer.name);
    } finally {
      await store.close();
    }
  }

  /** Resolves when no upstream process of any instance lives any more: what lay in its pipe is done. */
  async quiet(): Promise<void> {
    await Promise.all([...this.#living].map((socket) => once(socket.resume(), 'close')));
  }

  async remove(): Promise<void> {
    await this.quiet();
    await new Promise<void>((done) => this.#alive.close(() => done()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What a client was answered. `none`: the connection ended instead. */
export type Said =
  | { readonly kind: 'ok' }
  | { readonly kind: 'denied' | 'failed' | 'refused'; readonly code: string }
  | { readonly kind: 'none' };

/** An instance that answers somewhere: what a client and its operator do with it. */
class Reached {
  readonly #grounds: Grounds;
  readonly #agent = new Agent({ keepAlive: true });
  #port = 0;

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
  }

  protected reachAt(url: string): void {
    this.#port = Number(new URL(url).port);
  }

  protected letGo(): void {
    this.#agent.destroy();
  }

  async token(agent: string): Promise<string> {
    const answer = await ask(this.#grounds.configPath, 'POST /v1/token', { agent });
    if (!isJsonObject(answer) || typeof answer['token'] !== 'string') throw new Error('no token');
    return answer['token'];
  }

  /** One call of 2026-07-28, over plain HTTP. */
  call(token: string, id: string): Promise<Said> {
    const { headers, body } = current('tools/call', { name: 'count', arguments: { id } }, id);
    return new Promise((resolve) => {
      const none = () => resolve({ kind: 'none' });
      const sent = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/mcp/box',
          agent: this.#agent,
          headers: {
            ...headers,
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('error', none);
          response.on('end', () => resolve(response.complete ? readAnswer(text) : { kind: 'none' }));
        },
      );
      sent.on('error', none);
      sent.end(body);
    });
  }
}

/** An instance in a process of its own. */
export class Running extends Reached {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  readonly stderr: string[] = [];

  constructor(grounds: Grounds, command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    super(grounds);
    const [program = '', ...args] = command;
    this.child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    if (this.child.stderr !== null)
      createInterface({ input: this.child.stderr }).on('line', (line) => this.stderr.push(line));
    this.ended = once(this.child, 'close').then(([code, signal]) => String(signal ?? code));
  }

  /** Resolves to true at the ready line, to false when it ended before. */
  async ready(): Promise<boolean> {
    if (this.child.stdout === null) throw new Error('no stdout');
    for await (const line of createInterface({ input: this.child.stdout })) {
      const [word, url] = line.split(' ');
      if (word !== 'ready' || url === undefined) continue;
      this.reachAt(url);
      return true;
    }
    return false;
  }

  /** Ends it without a word; what it started ends by itself. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    this.letGo();
  }

  /** Resolves to the exit code of an orderly stop. */
  async stop(): Promise<string> {
    this.child.kill('SIGTERM');
    this.letGo();
    return this.ended;
  }
}

/** An instance in this process: what `up` runs, for the price of a tenth of a process that reads everything anew. */
export class Within extends Reached {
  /** What `up` would have written there. */
  readonly stderr: string[] = [];
  #instance: Instance | undefined;

  static async start(grounds: Grounds): Promise<Within> {
    const one = new Within(grounds);
    const log = (text: string) => one.stderr.push(...text.split('\n'));
    one.#instance = await start({ configPath: grounds.configPath, environment: process.env, log });
    one.reachAt(one.#instance.url);
    return one;
  }

  /** In order, as there is no other way within a process. */
  async stop(): Promise<void> {
    this.letGo();
    await this.#instance?.stop();
  }

  kill(): Promise<void> {
    return this.stop();
  }
}

function readAnswer(text: string): Said {
  const message: unknown = JSON.parse(text);
  if (!isJsonObject(message)) return { kind: 'none' };
  const { result, error } = message;
  if (isJsonObject(error)) return { kind: 'refused', code: String(error['message']) };
  if (!isJsonObject(result)) return { kind: 'none' };
  const meta: JsonObject = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const decision = meta['dev.lanyard/decision'];
  if (isJsonObject(decision)) return { kind: 'denied', code: String(decision['code']) };
  const outcome = meta['dev.lanyard/outcome'];
  if (isJsonObject(outcome)) return { kind: 'failed', code: String(outcome['code']) };
  return result['isError'] === true ? { kind: 'failed', code: 'isError' } : { kind: 'ok' };
}
