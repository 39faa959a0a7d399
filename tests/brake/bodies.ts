import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { expect, vi } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { connectRun } from '../../src/cli/run/connection.ts';
import { launchOf } from '../../src/doors/run/launch.ts';
import { hear, tell } from '../../src/doors/run/lines.ts';
import { current } from '../doors/agents/running-door.ts';
import type { BrakeGround } from './ground.ts';

/** A program with a child, a grandchild, one in a session of its own and one that left its family: five processes. */
const FAMILY = '(sleep 600 & wait) & setsid sleep 600 & (setsid sleep 600 &) ; wait';
const IN_FAMILY = 5;
/** Where processes can be looked at. */
const CAN_LOOK = existsSync('/proc/self/stat');

/** One supervised run of an agent, begun as `./lanyard run` begins it. */
class Run {
  readonly agent: string;
  readonly id: string;
  readonly child: ChildProcess;
  readonly #desk: Duplex;

  constructor(agent: string, id: string, child: ChildProcess, desk: Duplex) {
    this.agent = agent;
    this.id = id;
    this.child = child;
    this.#desk = desk;
  }

  static async begin(ground: BrakeGround, agent: string): Promise<Run> {
    const desk = await connectRun(ground.config);
    const heard = new Map<string, (value: JsonObject) => void>();
    const told = (name: string) => new Promise<JsonObject>((resolve) => heard.set(name, resolve));
    const [begun, go] = [told('begun'), told('go')];
    const refused = told('refused').then((why) => Promise.reject(new Error(JSON.stringify(why))));
    refused.catch(() => undefined);
    hear(desk, (message) => {
      for (const [name, value] of Object.entries(message))
        heard.get(name)?.(isJsonObject(value) ? value : {});
    });
    const command = ['/bin/sh', '-c', FAMILY];
    tell(desk, { begin: { agent, token: ground.tokenOf(agent), command, directory: '/', held: [] } });
    const { run } = await Promise.race([begun, refused]);
    const [shell = '', ...args] = launchOf({ command, run: String(run) });
    const child = spawn(shell, args, {
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', LANYARD_RUN: String(run) },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    child.once('exit', (code, signal) => tell(desk, { ended: { code, signal } }));
    tell(desk, { spawned: { pid: child.pid ?? 0 } });
    await Promise.race([go, refused]);
    const word = child.stdio[3];
    if (word instanceof Writable) word.write('go\n');
    const one = new Run(agent, String(run), child, desk);
    await vi.waitFor(() => expect(one.states()).toHaveLength(IN_FAMILY), { timeout: 60_000 });
    return one;
  }

  /** The state of each of its processes that is alive, by what each inherits. */
  states(): string[] {
    return readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid)) return [];
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`LANYARD_RUN=${this.id}\0`)) return [];
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
        return state === 'Z' ? [] : [state];
      } catch {
        return [];
      }
    });
  }

  close(): void {
    this.#desk.destroy();
  }
}

/** A tunnel that is written to without end, and what its far end has read. */
interface Tunnel {
  readonly agent: string;
  readonly socket: Socket;
  readonly end: () => void;
}

/** A client on the stdio door with one call under way. */
interface Piped {
  readonly agent: string;
  readonly socket: Duplex;
  /** What it was answered; empty where the connection ended. */
  readonly reply: Promise<string>;
}

/** A call that goes on as a task, as its client knows it. */
interface Going {
  readonly agent: string;
  readonly task: string;
}

const KNOWS = {
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

/**
 * What runs for agents besides their calls over HTTP: supervised process trees, open tunnels, clients on the stdio door, tasks.
 * A stop has to reach all of it.
 */
export class Bodies {
  readonly #ground: BrakeGround;
  readonly #far: Server;
  /** Tunnels at their far end, and whose each is, once it has sent anything. */
  readonly #farSockets = new Map<Socket, string>();
  #runs: Run[] = [];
  #tunnels: Tunnel[] = [];
  #piped: Piped[] = [];
  #tasks: Going[] = [];

  private constructor(ground: BrakeGround, far: Server) {
    this.#ground = ground;
    this.#far = far;
    far.on('connection', (socket) => {
      this.#farSockets.set(socket, '');
      socket.once('data', (chunk: Buffer) => {
        this.#farSockets.set(socket, chunk.toString().split(' ')[0] ?? '');
        socket.resume();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => this.#farSockets.delete(socket));
    });
  }

  /** `far`: what tunnels lead to; the ground's rules name its port. */
  static on(ground: BrakeGround, far: Server): Bodies {
    return new Bodies(ground, far);
  }

  /** So many of each, dealt out over all agents; runs that live are kept. */
  async open({ runs, tunnels, piped, tasks }: Wanted, name: string): Promise<void> {
    const of = (n: number) => this.#ground.agents[n % this.#ground.agents.length] ?? '';
    for (let n = this.#runs.length; CAN_LOOK && n < runs; n++)
      this.#runs.push(await Run.begin(this.#ground, of(n)));
    this.#tunnels = await Promise.all(Array.from({ length: tunnels }, (_, n) => this.#tunnel(of(n))));
    this.#piped = await Promise.all(
      Array.from({ length: piped }, (_, n) => this.#pipe(of(n), `${name}-piped-${n}`)),
    );
    this.#tasks = await Promise.all(
      Array.from({ length: tasks }, (_, n) => this.#task(of(n), `${name}-task-${n}`)),
    );
  }

  async #task(agent: string, id: string): Promise<Going> {
    const params = { name: 'hold', arguments: { id }, _meta: KNOWS };
    const { text } = await this.#ground.send(agent, '/mcp/modern', current('tools/call', params, id));
    const [, task] = /"taskId":"([^"]+)"/.exec(text) ?? [];
    if (task === undefined) throw new Error(`no task: ${text}`);
    return { agent, task };
  }

  /** What its client hears of it. */
  async #stateOf({ agent, task }: Going): Promise<string> {
    const { headers, body } = current('tasks/get', { taskId: task, _meta: KNOWS }, task);
    const seen = await this.#ground.send(agent, '/mcp/modern', {
      ...(body === undefined ? {} : { body }),
      headers: { ...headers, 'mcp-name': task },
    });
    return /"status":"(\w+)"/.exec(seen.text)?.[1] ?? `${seen.status} ${seen.text}`;
  }

  async #tunnel(agent: string): Promise<Tunnel> {
    const { port } = this.#far.address() as AddressInfo;
    const socket = connect(this.#ground.egress, '127.0.0.1');
    socket.on('error', () => undefined);
    const auth = btoa(`run:${this.#ground.tokenOf(agent)}`);
    socket.write(
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nProxy-Authorization: Basic ${auth}\r\n\r\n`,
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.resume();
    const writing = setInterval(() => socket.write(`${agent} `), 2);
    socket.on('close', () => clearInterval(writing));
    return { agent, socket, end: () => socket.destroy() };
  }

  async #pipe(agent: string, id: string): Promise<Piped> {
    const sent = request(`${this.#ground.instance.url}/mcp/modern`, {
      headers: {
        authorization: `Bearer ${this.#ground.tokenOf(agent)}`,
        connection: 'Upgrade',
        upgrade: 'lanyard-stdio',
      },
    }).end();
    const [, socket] = (await once(sent, 'upgrade')) as [unknown, Duplex];
    let text = '';
    socket.on('error', () => undefined);
    const answered = (of: number) =>
      new Promise<string>((resolve) => {
        const look = () => {
          const line = text.split('\n').find((one) => one.includes(`"id":${of}`));
          if (line !== undefined) resolve(line);
        };
        socket.on('data', look);
        socket.on('close', () => resolve(''));
      });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const write = (message: JsonObject) =>
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const clientInfo = { name: 'piped', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const hello = answered(1);
    write({ id: 1, method: 'initialize', params });
    expect(await hello).toContain('protocolVersion');
    write({ method: 'notifications/initialized' });
    const reply = answered(2);
    write({ id: 2, method: 'tools/call', params: { name: 'hold', arguments: { id } } });
    return { agent, socket, reply };
  }

  /** Right after a stop has returned: nothing of whom it covers moves any more, and the others go on. */
  async expectStopped(level: 'frozen' | 'killed', covered: readonly string[]): Promise<void> {
    const isCovered = ({ agent }: { readonly agent: string }) => covered.includes(agent);
    for (const one of this.#tunnels.filter(isCovered))
      await vi.waitFor(() => expect(one.socket.destroyed).toBe(true), { timeout: 60_000 });
    for (const one of this.#piped.filter(isCovered)) {
      const reply = await one.reply;
      if (level === 'frozen') expect(reply).toMatch(/STOPPED|FROZEN|ABORTED/);
      else expect(reply).toMatch(/^$|STOPPED|FROZEN|ABORTED/);
    }
    for (const one of this.#tasks)
      if (isCovered(one)) expect(await this.#stateOf(one)).not.toBe('working');
      else expect(await this.#stateOf(one)).toBe('working');
    for (const one of this.#runs.filter(isCovered)) {
      const wanted = level === 'frozen' ? Array(IN_FAMILY).fill('T') : [];
      await vi.waitFor(() => expect(one.states()).toEqual(wanted), { timeout: 60_000 });
    }
    // What its far end reads still had left before; its connection is over.
    const left = () => [...this.#farSockets.values()].filter((agent) => covered.includes(agent));
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 60_000 });
    for (const one of [...this.#runs].filter((run) => !isCovered(run)))
      expect(one.states().filter((state) => state === 'T')).toEqual([]);
    for (const one of this.#tunnels.filter((tunnel) => !isCovered(tunnel)))
      expect(one.socket.destroyed).toBe(false);
  }

  /** After a release: what was frozen goes on. */
  async expectResumed(): Promise<void> {
    for (const one of this.#runs)
      await vi.waitFor(() => expect(one.states()).not.toContain('T'), { timeout: 60_000 });
  }

  /** Ends what is left. */
  close(): void {
    for (const { end } of this.#tunnels) end();
    for (const { socket } of this.#piped) socket.destroy();
    for (const run of this.#runs) run.close();
    for (const socket of this.#farSockets.keys()) socket.destroy();
    this.#runs = [];
  }
}

/** How many of each. `runs`: supervised programs of IN_FAMILY processes. */
export interface Wanted {
  readonly runs: number;
  readonly tunnels: number;
  /** Clients on the stdio door. */
  readonly piped: number;
  readonly tasks: number;
}

/** What tunnels lead to. */
export async function openFar(): Promise<Server> {
  const far = createServer().listen({ port: 0, host: '127.0.0.1', backlog: LIMITS.listenBacklog });
  await once(far, 'listening');
  return far;
}
