import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject, type Json } from '../../src/base/json.ts';
import { ask } from '../../src/cli/instance.ts';
import type { Entry } from '../../src/contract/log-entry.ts';
import type { Instance } from '../../src/main/instance.ts';
import { keyOf } from '../../src/main/log/open-log.ts';
import { start } from '../../src/main/start.ts';
import { current, older, type Send } from '../doors/agents/running-door.ts';
import { readLog } from '../faults/test-house.ts';
import { freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { ROOT } from '../source-tree.ts';
import { Bodies, openFar } from './bodies.ts';
import { type Arrived, arrivedOf, HoldingHttp } from './holding-http.ts';

const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');

const CATALOG = `catalog: holding
operations:
  hold: { risk: draft, effect: [create], reversibility: reversible, audience: self, worst: Holds, targets: [{ type: Call, id: "{id}" }] }
  tell: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Tells, targets: [{ type: Call, id: "{id}" }] }
`;
const RULES = `@id("all") @need("The stop is what is looked at")
permit (principal, action, resource);
@id("tells") @reason("It tells others") @review("owner")
forbid (principal, action in Action::"risk:external", resource);
`;

/** Which generation a client speaks, and to which upstream. */
const WAYS = [
  { speaks: '2026', upstream: 'modern' },
  { speaks: '2025', upstream: 'older' },
  { speaks: '2026', upstream: 'older' },
  { speaks: '2025', upstream: 'child' },
  { speaks: '2026', upstream: 'child' },
] as const;

/** Agents that have a child process of their own. */
const MOST_CHILDREN = 12;

/** What a client was answered: the text of the HTTP answer, or nothing where the connection ended. */
export interface Replied {
  readonly status: number;
  readonly text: string;
}

/**
 * A whole instance inside this process, claimed, before three servers that hold every call: HTTP of each generation, and a
 * child process for each agent. Everything goes to loopback, and ends with `stop`.
 */
export class BrakeGround {
  readonly directory: string;
  readonly config: string;
  readonly agents: readonly string[];
  readonly instance: Instance;
  readonly ada: PersonAtBrowser;
  readonly modern: HoldingHttp;
  readonly older: HoldingHttp;
  /** The port of the way out. */
  readonly egress: number;
  /** What else runs for its agents. */
  readonly bodies: Bodies;
  readonly #far: Server;
  readonly #tokens = new Map<string, string>();
  readonly #sessions = new Map<string, string>();
  readonly #http = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  private constructor(
    parts: Pick<
      BrakeGround,
      'directory' | 'config' | 'agents' | 'instance' | 'ada' | 'modern' | 'older' | 'egress'
    >,
    far: Server,
  ) {
    this.directory = parts.directory;
    this.config = parts.config;
    this.agents = parts.agents;
    this.instance = parts.instance;
    this.ada = parts.ada;
    this.modern = parts.modern;
    this.older = parts.older;
    this.egress = parts.egress;
    this.#far = far;
    this.bodies = Bodies.on(this, far);
  }

  /** `agents`: how many, half of them Ada's and half Grace's. `more`: further lines of lanyard.yaml. */
  static async start(count: number, more = ''): Promise<BrakeGround> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-brake-')));
    const [modern, olderServer, far] = await Promise.all([
      HoldingHttp.start('2026'),
      HoldingHttp.start('2025'),
      openFar(),
    ]);
    const [port, egress] = [await freePort(), await freePort()];
    const { port: farPort } = far.address() as AddressInfo;
    mkdirSync(join(directory, 'work'));
    const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
    write('received', '');
    write('catalog.yaml', CATALOG);
    write(
      'rules.cedar',
      `${RULES}@id("far") @need("The far end of tunnels")
permit (principal, action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${farPort}");
`,
    );
    const agents = Array.from({ length: count }, (_, i) => `a${i}`);
    const rows = agents.map((id, i) => ({
      id,
      owner: i % 2 === 0 ? 'ada' : 'grace',
      purpose: 'Holds',
      limits: { attemptsPerMinute: 1_000_000 },
    }));
    const command = [NODE, '--no-warnings', join(ROOT, 'tests/brake/holding.mjs')];
    const upstreams = {
      modern: { url: modern.url, catalog: 'holding' },
      older: { url: olderServer.url, catalog: 'holding' },
      child: { command, cwd: './work', env: { RECEIVED: join(directory, 'received') }, catalog: 'holding' },
    };
    const config = join(directory, 'lanyard.yaml');
    write(
      'lanyard.yaml',
      `listen: 127.0.0.1:0
control: 127.0.0.1:${port}
egress: 127.0.0.1:${egress}
people:
  - { id: ada, name: Ada, roles: [owner, admin] }
  - { id: grace, name: Grace, roles: [owner] }
agents: ${JSON.stringify(rows)}
points: [{ id: gate, agents: ${JSON.stringify(agents)} }]
upstreams: ${JSON.stringify(upstreams)}
approvals: { hold: 5m }
policies: [rules.cedar]
catalog: [catalog.yaml]
${more}`,
    );
    const environment = { PATH: process.env['PATH'] ?? '', HOME: directory };
    const instance = await start({ configPath: config, environment, log: () => undefined });
    const ada = new PersonAtBrowser(`http://localhost:${port}`);
    const parts = { directory, config, agents, instance, ada, modern, older: olderServer, egress };
    const ground = new BrakeGround(parts, far);
    await ground.#meet();
    return ground;
  }

  /** Tokens for everybody, then the claim, so that what widens needs a passkey. */
  async #meet(): Promise<void> {
    for (const agent of this.agents) {
      const made = await ask(this.config, 'POST /v1/token', { agent });
      this.#tokens.set(agent, String(isJsonObject(made) ? made['token'] : ''));
    }
    const { code } = (await ask(this.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
    await this.ada.enrol(code);
    await this.ada.signIn();
    await this.ada.settle();
  }

  tokenOf(agent: string): string {
    return this.#tokens.get(agent) ?? '';
  }

  /** What each server has read so far. */
  arrived(): Arrived[] {
    const lines = readFileSync(join(this.directory, 'received'), 'utf8').split('\n').slice(0, -1);
    const child = lines.flatMap((line) => arrivedOf(JSON.parse(line)) ?? []);
    return [...this.modern.arrived, ...this.older.arrived, ...child];
  }

  /** Processes of the child upstream that were ever started. */
  children(): number[] {
    const lines = readFileSync(join(this.directory, 'received'), 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => (JSON.parse(line) as { pid?: number }).pid ?? []);
  }

  /** One call of an agent; `n` picks the generation and the upstream. */
  async call(agent: string, n: number, tool: 'hold' | 'tell', id: string): Promise<Replied> {
    const picked = WAYS[n % WAYS.length] ?? WAYS[0];
    // A process for each of many agents would say more about this machine than about the stop.
    const isCrowd = this.agents.indexOf(agent) >= MOST_CHILDREN;
    const way = isCrowd && picked.upstream === 'child' ? WAYS[0] : picked;
    const params = { name: tool, arguments: { id } };
    const path = `/mcp/${way.upstream}`;
    if (way.speaks === '2026') return this.send(agent, path, current('tools/call', params, id));
    const session = await this.#session(agent, path);
    return this.send(agent, path, older(session, { id, method: 'tools/call', params }));
  }

  /** The check door: an action that the agent would do itself. */
  check(agent: string, id: string): Promise<Replied> {
    const body = JSON.stringify({
      subject: { type: 'Agent', id: agent },
      action: { name: 'mcp:modern/hold' },
      resource: { type: 'Call', id },
      context: { input: { id } },
    });
    return this.send(agent, '/access/v1/evaluation', { headers: {}, body });
  }

  async #session(agent: string, path: string): Promise<string> {
    const key = `${agent} ${path}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'brake', version: '1' },
    };
    const hello = older(undefined, { id: 0, method: 'initialize', params });
    const { session } = await this.send(agent, path, hello);
    this.#sessions.set(key, session);
    return session;
  }

  send(
    agent: string,
    path: string,
    { headers = {}, body = '' }: Send,
  ): Promise<Replied & { readonly session: string }> {
    const { port } = new URL(this.instance.url);
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    return new Promise((resolve) => {
      const none = () => resolve({ status: 0, text: '', session: '' });
      const sent = request(
        {
          port,
          host: '127.0.0.1',
          method: 'POST',
          path,
          agent: this.#http,
          headers: {
            ...Object.fromEntries(given),
            authorization: `Bearer ${this.#tokens.get(agent)}`,
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
          const session = String(response.headers['mcp-session-id'] ?? '');
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text, session }));
        },
      );
      sent.on('error', none);
      sent.end(body);
    });
  }

  /** By the operator's socket, as `./lanyard stop` does it. */
  stopScope(scope: string, level: string): Promise<Json> {
    return ask(this.config, 'POST /v1/stop', { scope, level });
  }

  async log(): Promise<readonly Entry[]> {
    const { house } = this.instance;
    await house.recorder.checkpoint();
    const { entries, report } = await readLog(house.store, keyOf(house.signer), house.signer.name);
    if (!report.holds) throw new Error(JSON.stringify(report.faults));
    return entries;
  }

  async stop(): Promise<void> {
    this.bodies.close();
    this.#far.close();
    this.#http.destroy();
    await this.instance.stop();
    await Promise.all([this.modern.stop(), this.older.stop()]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Code of what an agent was told, whatever form it came in. */
export function codeOf({ status, text }: Replied): string {
  if (status === 401) return '401';
  return /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? text.slice(0, 200);
}
