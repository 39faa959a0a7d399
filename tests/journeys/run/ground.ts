import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../../../src/cli/instance.ts';
import { findMeans } from '../../../src/doors/run/means.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { BEATS, ProgramRun, TREE } from './program-run.ts';

/** What this machine has to hold a program with. */
export const HERE = findMeans({ cgroup: true, namespaces: true });

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(5);
}

interface RunAgent {
  readonly id: string;
  readonly run?: Readonly<Record<string, string | number>>;
}

/** An instance with agents whose programs can be run, each with a token, and a place outside that rules let them reach. */
export class RunGround {
  readonly files = new OperatorGround();
  readonly tokens = new Map<string, string>();
  readonly #echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  running!: Running;
  /** Of the place on loopback that the rule `named` lets tunnels reach: it answers what it is sent. */
  port = 0;
  #count = 0;

  async open(agents: readonly RunAgent[]): Promise<void> {
    this.#echo.listen(0, '127.0.0.1');
    await once(this.#echo, 'listening');
    this.port = (this.#echo.address() as AddressInfo).port;
    this.files.write(
      'rules.cedar',
      `@id("reads") @need("x") permit (principal, action in Action::"risk:read", resource);
@id("named") @need("x") permit (principal, action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${this.port}");
`,
    );
    const owned = agents.map((one) => ({ ...one, owner: 'ada', purpose: 'Runs' }));
    const configuration = this.files.configuration({ agents: `agents: ${JSON.stringify(owned)}` });
    this.files.write('lanyard.yaml', configuration);
    await this.start();
    for (const { id } of agents) {
      const made = await ask(this.files.config, 'POST /v1/token', { agent: id, ttlMs: 3_600_000 });
      this.tokens.set(id, String((made as { token: string }).token));
    }
  }

  /** Starts the instance, also again after it was killed. */
  async start(): Promise<void> {
    this.running = await this.files.up();
    await this.running.url();
  }

  async close(): Promise<void> {
    await this.files.remove();
    this.#echo.close();
  }

  operate(route: string, body: Record<string, string>): Promise<unknown> {
    return ask(this.files.config, `POST /v1/${route}`, body);
  }

  /** A working directory of its own. */
  directory(): string {
    const cwd = join(this.files.directory, `work-${this.#count++}`);
    mkdirSync(cwd);
    return cwd;
  }

  /** Begins a program of an agent, in a directory of its own where no other is given. */
  begin(agent: string, flags: readonly string[], command: readonly string[], given: Given = {}) {
    const { cwd = this.directory(), token = this.tokens.get(agent) ?? '', environment } = given;
    return { run: new ProgramRun(this.files, agent, token, flags, command, cwd, environment), cwd };
  }

  /** Begins a program with children and a daemon (TREE), and waits until all of them write. */
  async tree(agent: string, flags: readonly string[]) {
    const begun = this.begin(agent, flags, ['sh', '-c', TREE]);
    await until(() => sizes(begun.cwd).every((size) => size > 1) || begun.run.child.exitCode !== null);
    return begun;
  }
}

interface Given {
  readonly cwd?: string;
  readonly token?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** How much each process of a TREE has written. */
export function sizes(cwd: string): number[] {
  return BEATS.map((name) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name)).length : 0));
}

/** Whether nothing of a TREE writes any more, as seen from outside. */
export async function isStill(cwd: string): Promise<boolean> {
  const before = sizes(cwd);
  await wait(150);
  return sizes(cwd).join() === before.join();
}
