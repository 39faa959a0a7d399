import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../src/base/json.ts';
import { socketOf } from '../../src/cli/instance.ts';
import { printEntry } from '../../src/ledger/index.ts';
import { tell } from '../../src/main/doctor/operator.ts';
import { openLogFiles } from '../../src/main/log/log-files.ts';
import { current } from '../doors/agents/running-door.ts';
import { ROOT } from '../source-tree.ts';

const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const CLI = join(ROOT, 'src', 'cli', 'lanyard.ts');
const LAUNCHER = join(ROOT, 'lanyard');
/** As ./lanyard starts it: without them a start takes a third more. */
export const RUNTIME_FLAGS = runtimeFlags(readFileSync(LAUNCHER, 'utf8'));

/** The flags may go on over several lines of the script. */
function runtimeFlags(launcher: string): readonly string[] {
  const [, flags] = /^ *exec "\$node" (--[^"]*) "\$program/m.exec(launcher) ?? [];
  if (flags === undefined) throw new Error('./lanyard starts the runtime in another way than is read here');
  return flags.split(/[\s\\]+/);
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Whether `-c` is given; otherwise the command finds its configuration itself. */
  readonly config?: boolean;
}

export interface LogEntry {
  readonly seq: number;
  readonly kind: string;
  readonly [field: string]: unknown;
}

export const RULES = `@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
`;

/** A directory with a configuration, its state, and the upstream "box": everything that an operator has before them. */
export class OperatorGround {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-operator-')));
  readonly config = join(this.directory, 'lanyard.yaml');
  readonly state = join(this.directory, 'state');
  readonly #running: Running[] = [];

  constructor() {
    this.write('lanyard.yaml', this.configuration());
    this.write('rules.cedar', RULES);
    this.write(
      'catalog.yaml',
      ['look', 'wait', 'tell', 'late']
        .map(
          (name) =>
            `  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }`,
        )
        .reduce((all, line) => `${all}${line}\n`, 'catalog: plain\noperations:\n'),
    );
    this.tools('look', 'wait', 'tell');
    mkdirSync(join(this.directory, 'work'));
  }

  /** The configuration with lines changed: `{ listen: 'listen: 127.0.0.1:1' }` replaces the line that begins so. */
  configuration(changed: Readonly<Record<string, string>> = {}): string {
    const lines: Record<string, string> = {
      listen: 'listen: 127.0.0.1:0',
      people: 'people: [{ id: ada, name: Ada, roles: [owner] }]',
      agents:
        'agents: [{ id: writer, owner: ada, purpose: Looks }, { id: other, owner: ada, purpose: Looks }]',
      upstreams: `upstreams: { box: ${JSON.stringify(this.upstream())} }`,
      policies: 'policies: [rules.cedar]',
      catalog: 'catalog: [catalog.yaml]',
      ...changed,
    };
    return `${Object.values(lines).join('\n')}\n`;
  }

  upstream(env: Readonly<Record<string, string>> = {}): object {
    return {
      command: [NODE, '--no-warnings', join(ROOT, 'tests/journeys/operator-upstream.mjs')],
      cwd: './work',
      env: { TOOLS_FILE: join(this.directory, 'tools'), ...env },
      catalog: 'plain',
    };
  }

  tools(...names: readonly string[]): void {
    this.write('tools', `${names.join('\n')}\n`);
  }

  write(name: string, content: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  /** One command to its end. */
  async run(words: string, options: CommandOptions = {}): Promise<Ended> {
    return this.runWords(words.split(' '), options);
  }

  async runWords(words: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    const child = spawnLanyard(this, words, options);
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code: child.exitCode, stdout, stderr };
  }

  /** One command whose stdin stays open. */
  open(words: string, env: Readonly<Record<string, string>>) {
    return spawnLanyard(this, words.split(' '), { env });
  }

  /** Starts an instance; resolves once it is ready or has ended. */
  async up(env: Readonly<Record<string, string>> = {}, words: readonly string[] = ['up']): Promise<Running> {
    const running = new Running(this, spawnLanyard(this, words, { env }));
    this.#running.push(running);
    await running.ready;
    return running;
  }

  /** The instance that was started last. */
  get last(): Running {
    const last = this.#running.at(-1);
    if (last === undefined) throw new Error('nothing was started');
    return last;
  }

  /** Starts one that is not expected to become ready by itself. */
  launch(env: Readonly<Record<string, string>> = {}): Running {
    const running = new Running(this, spawnLanyard(this, ['up'], { env }));
    this.#running.push(running);
    return running;
  }

  /** What `log show --json` prints, read here: a command line each would cost more than what is tested. */
  async entries(...kinds: readonly string[]): Promise<LogEntry[]> {
    const { store, close } = await openLogFiles(this.config);
    try {
      const all: LogEntry[] = [];
      for await (const page of store.find({ from: 0 }))
        for (const { text, leaf } of page) all.push(JSON.parse(printEntry(text, leaf)) as LogEntry);
      return kinds.length === 0 ? all : all.filter(({ kind }) => kinds.includes(kind));
    } finally {
      await close();
    }
  }

  /** As `agent token` does, without a command line of its own. */
  async token(agent = 'writer'): Promise<string> {
    const made = await tell(socketOf(this.config) ?? '', 'POST /v1/token', { agent, ttlMs: 90 * 86_400_000 });
    return String(made.json['token']);
  }

  /**
   * Keeps these directories as they are while nothing runs, and answers what puts them back: many tests may begin with what
   * one instance has left.
   */
  keep(...names: readonly string[]): () => void {
    const kept = (name: string) => join(this.directory, `kept-${name}`);
    for (const name of names) cpSync(join(this.directory, name), kept(name), { recursive: true });
    return () => {
      for (const name of names) {
        rmSync(join(this.directory, name), { recursive: true, force: true });
        cpSync(kept(name), join(this.directory, name), { recursive: true });
      }
    };
  }

  /** Ends whatever runs. */
  async end(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((one) => one.end()));
  }

  async remove(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function spawnLanyard(
  ground: OperatorGround,
  words: readonly string[],
  { cwd, env, config = true }: CommandOptions,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const { LANYARD_CONFIG: _, LANYARD_TOKEN: __, ...environment } = process.env;
  // An instance as everybody starts it; of a command of a moment the launcher would be a good part.
  const [program, ...before] = words[0] === 'up' ? [LAUNCHER] : [NODE, ...RUNTIME_FLAGS, CLI];
  return spawn(program, [...before, ...words, ...(config ? ['-c', ground.config] : [])], {
    cwd: cwd ?? ground.directory,
    env: { ...environment, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** What a client was answered by the MCP door. */
export interface Called {
  readonly status: number;
  readonly text: string;
}

/** An instance in a process of its own. */
export class Running {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Its address, or null when it ended before it was ready. */
  readonly ready: Promise<string | null>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<string>;
  readonly #seen = new Set<() => void>();

  constructor(_ground: OperatorGround, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.child = child;
    child.stdin.end();
    const note = (stream: Readable, add: (chunk: string) => void) => {
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        add(chunk);
        for (const look of this.#seen) look();
      });
    };
    note(child.stdout, (chunk) => {
      this.stdout += chunk;
    });
    note(child.stderr, (chunk) => {
      this.stderr += chunk;
    });
    this.ended = once(child, 'close').then(([code, signal]) => String(signal ?? code));
    this.ready = Promise.race([
      this.#until(() => /^ready (\S+)\n/m.exec(this.stdout)?.[1]),
      this.ended.then(() => null),
    ]);
  }

  async url(): Promise<string> {
    const url = await this.ready;
    if (url === null) throw new Error(`it did not start: ${this.stderr}`);
    return url;
  }

  /** Resolves once `what` stands on stderr. */
  async says(what: string | RegExp): Promise<void> {
    await this.#until(() =>
      (typeof what === 'string' ? this.stderr.includes(what) : what.test(this.stderr)) ? true : undefined,
    );
  }

  #until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const again = () => {
        const found = look();
        if (found === undefined) return;
        this.#seen.delete(again);
        resolve(found);
      };
      this.#seen.add(again);
      again();
    });
  }

  /** One call of 2026-07-28. */
  call(token: string, name: string, signal?: AbortSignal): Promise<Called> {
    return this.ask(token, 'tools/call', { name, arguments: { id: 'a' } }, signal);
  }

  /** One request of 2026-07-28. */
  async ask(token: string, method: string, params: JsonObject, signal?: AbortSignal): Promise<Called> {
    const { headers, body } = current(method, params, 1);
    const response = await fetch(`${await this.url()}/mcp/box`, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: String(body),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: response.status, text: await response.text() };
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    this.child.kill(signal);
    return this.ended;
  }
}
