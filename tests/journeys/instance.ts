import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { fixturePath, type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { ROOT } from '../source-tree.ts';
import { type LogEntry, OperatorGround, type Running } from './operator-ground.ts';

const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const BIN = join(ROOT, 'node_modules', '.bin');

/** What rules say on the ground of these journeys: the starter pack, and what shall be denied whoever serves it. */
const RULES = `
@id("no-hidden-files") @reason("Hidden files stay as they are.")
forbid (principal, action in [Action::"effect:create", Action::"effect:update"], resource is Path)
when { resource.name like ".*" };

@id("not-that-word") @reason("That word is not for agents.")
forbid (principal, action, resource)
when { context.input has text && context.input.text == "forbidden" };
`;

/** One catalog for all fixtures: what they offer only reads. */
export const PLAIN = ['echo', 'steps', 'hang', 'grow', 'routed', 'old', 'resources/read', 'prompts/get'];
const catalogOf = (names: readonly string[]): string =>
  `catalog: plain\noperations:\n${names
    .map(
      (name) =>
        `  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }\n`,
    )
    .join('')}`;

interface Governed {
  readonly upstreams: Readonly<Record<string, object>>;
  /** Operations of the catalog "plain". */
  readonly plain?: readonly string[];
  readonly rules?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `points:` and `agents:` of the configuration, as YAML. */
  readonly points?: string;
  readonly agents?: string;
}

/** A real instance over upstreams of a test's choosing, with the agents `writer` and `other`, and what is left of it. */
export class GovernedInstance {
  readonly ground: OperatorGround;
  readonly running: Running;
  readonly url: string;
  readonly port: number;
  readonly token: string;
  #looked = 0;

  private constructor(ground: OperatorGround, running: Running, url: string, token: string) {
    this.ground = ground;
    this.running = running;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.token = token;
  }

  /** `given` gets the ground, for upstreams that name its directory. */
  static async start(given: (ground: OperatorGround) => Governed): Promise<GovernedInstance> {
    const ground = new OperatorGround();
    try {
      const { upstreams, plain = PLAIN, rules = RULES, env = {}, points, agents } = given(ground);
      mkdirSync(join(ground.directory, 'workspace'));
      ground.write('rules.cedar', rules);
      ground.write('catalog.yaml', catalogOf(plain));
      ground.write(
        'lanyard.yaml',
        ground.configuration({
          upstreams: `upstreams: ${JSON.stringify(upstreams)}`,
          packs: 'packs: [starter]',
          ...(points === undefined ? {} : { points: `points: ${points}` }),
          ...(agents === undefined ? {} : { agents: `agents: ${agents}` }),
        }),
      );
      const running = await ground.up(env);
      const url = await running.url();
      return new GovernedInstance(ground, running, url, await ground.token());
    } catch (error) {
      await ground.remove();
      throw error;
    }
  }

  /** Decisions and outcomes that no earlier call answered, in the order of the log. */
  async newActions(): Promise<LogEntry[]> {
    const entries = await this.ground.entries();
    const fresh = entries.slice(this.#looked);
    this.#looked = entries.length;
    return fresh.filter(({ kind }) => kind.startsWith('action.'));
  }

  /** The log holds, meaning included, and so does a bundle of it with nothing but the key. */
  async expectLogToHold(): Promise<void> {
    const own = await this.ground.run('log verify --deep');
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('The log holds') });
    const bundle = join(this.ground.directory, 'bundle.ndjson');
    const exported = await this.ground.run(`log export ${bundle}`);
    expect(exported.code).toBe(0);
    this.ground.write('key', `${/verifier key (\S+)/.exec(exported.stderr)?.[1]}\n`);
    const alone = { config: false, env: { HOME: '/nowhere', PATH: '/nowhere' } };
    const words = `log verify --deep --bundle ${bundle} --key ${this.ground.directory}/key`;
    expect(await this.ground.run(words, alone)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The log holds'),
    });
  }

  stop(): Promise<void> {
    return this.ground.remove();
  }
}

/** The real @modelcontextprotocol/server-filesystem over ./workspace. */
export const filesystem = {
  command: [join(BIN, 'mcp-server-filesystem'), '.'],
  cwd: './workspace',
  env: { PATH: `${join(ROOT, 'node_modules/node/bin')}:/usr/bin:/bin` },
  catalog: 'filesystem',
} as const;

/** A server of node_modules/.bin. */
export function installed(name: string, catalog: string, env: Readonly<Record<string, string>> = {}): object {
  return { command: [join(BIN, name)], cwd: './work', env: { PATH: filesystem.env.PATH, ...env }, catalog };
}

/** A stdio fixture; what arrives at it is appended to `received`, a file on the ground. */
export function fixture(
  ground: OperatorGround,
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): object {
  const path = script.startsWith('/') ? script : fixturePath(script);
  return {
    command: [NODE, '--no-warnings', path, ...args],
    cwd: './work',
    env: { RECEIVED: join(ground.directory, 'received'), ...env },
    catalog: 'plain',
  };
}

/** Everything that arrived at stdio fixtures of this ground. */
export function received(ground: OperatorGround): string {
  const path = join(ground.directory, 'received');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

export { type HttpFixture, startHttpFixture };

/** What came back over a raw connection. */
export interface RawReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly json: JsonObject;
}

/** Bytes to the door as they are, and what it answered until it closed. */
export function sendRaw(port: number, bytes: Buffer | string): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(readReply(Buffer.concat(chunks).toString('utf8'))));
  });
}

function readReply(text: string): RawReply {
  const at = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, at), text.slice(at + 4)];
  const start = body.indexOf('{');
  let json: JsonObject = {};
  try {
    const value: unknown = JSON.parse(body.slice(start, body.lastIndexOf('}') + 1));
    if (isJsonObject(value)) json = value;
  } catch {
    // No JSON came: what asks for a member of it then finds none, and the head and body are there to look at.
  }
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body, json };
}

/** A raw POST of an MCP message; a header given as undefined is left out, any other replaces ours or joins them. */
export function postBytes(
  token: string,
  body: Buffer | string,
  headers: Readonly<Record<string, string | undefined>> = {},
  path = '/mcp/box',
): Buffer {
  const all: Record<string, string | undefined> = {
    host: '127.0.0.1',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), Buffer.from(body)]);
}
