import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * One instance before 100 upstreams with 2,000 pinned tools together and 100 rules: how long until it is ready (the first
 * time, and when it knows them all), a page of a listing, memory, and how long calls wait while rules are validated and
 * applied. The upstreams are one process that answers from memory. Loopback only.
 */
const LANYARD = join(import.meta.dirname, '..', 'lanyard');
const UPSTREAMS = 100;
const TOOLS = 20;
const RULES = 100;
const LISTINGS = 5;

export async function run(): Promise<string[]> {
  const farm = spawn(
    process.execPath,
    [join(import.meta.dirname, 'scale/farm.mjs'), `${UPSTREAMS}`, `${TOOLS}`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-scale-'));
  try {
    const [, port = ''] = await waitFor(farm, /^port (\d+)/);
    const config = writeGround(directory, port);
    const first = await up(config);
    console.error(`ready after ${ms(first.readyMs)}`);
    await first.end();
    const again = await up(config);
    try {
      return [...startLines(first.readyMs, again.readyMs), ...(await measure(again, config))];
    } finally {
      await again.end();
    }
  } finally {
    farm.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function startLines(firstMs: number, againMs: number): string[] {
  return [
    row('start, every definition new', ms(firstMs), 'need 5,000 ms'),
    row('start, every definition known', ms(againMs), 'need 5,000 ms'),
  ];
}

interface Running {
  readonly url: string;
  readonly pid: number;
  readonly readyMs: number;
  end(): Promise<void>;
}

async function measure(running: Running, config: string): Promise<string[]> {
  const token = execFileSync(LANYARD, ['agent', 'token', 'bench', '-c', config], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  const client = new Client(`${running.url}/mcp`, token);
  await client.open();
  const pages: number[] = [];
  let theirs = 0;
  for (let listing = 0; listing < LISTINGS; listing++) theirs = await client.listAll(pages);
  // Lanyard's own server lists its tools beside them.
  if (theirs !== UPSTREAMS * TOOLS) throw new Error(`${theirs} tools of theirs are listed`);
  const memory = memoryOf(running.pid);
  const still = await client.callFor(() => pause(3000));
  const validated = await client.callFor(() => command('policy check', config));
  // An `apply` of what is in force already changes nothing: one rule more, and all of it is compiled and taken.
  const applied = await client.callFor(() => {
    appendFileSync(join(config, '../policies/all.cedar'), ruleText(undefined, RULES));
    return command('apply', config);
  });
  await pause(5000);
  const afterwards = memoryOf(running.pid);
  const waits = (name: string, times: readonly number[]) =>
    row(name, ms(Math.max(...times)), `longest of ${times.length} calls, p50 ${ms(percentile(times, 0.5))}`);
  return [
    row(
      `a page of tools/list on /mcp`,
      ms(percentile(pages, 0.5)),
      `need 20 ms; p99 ${ms(percentile(pages, 0.99))}, ${pages.length} pages`,
    ),
    row('memory', `${memory.now} MB`, `need 400 MB; at most ${memory.most} MB since the start`),
    waits('calls, with nothing else', still),
    waits('calls, while rules are validated', validated),
    waits('calls, while rules are applied', applied),
    row('memory, five seconds later', `${afterwards.now} MB`, `need 400 MB; at most ${afterwards.most} MB`),
  ];
}

/** One client of 2025-11-25 on the common path. */
class Client {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #id = 0;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
  }

  async open(): Promise<void> {
    const clientInfo = { name: 'bench', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const response = await this.#post('initialize', params);
    await response.text();
    this.#headers['mcp-session-id'] = response.headers.get('mcp-session-id') ?? '';
  }

  /** Every page once; answers how many tools of upstreams there are. */
  async listAll(times: number[]): Promise<number> {
    let cursor: string | undefined;
    let theirs = 0;
    do {
      const begun = performance.now();
      const response = await this.#post('tools/list', cursor === undefined ? {} : { cursor });
      const text = await response.text();
      times.push(performance.now() - begun);
      const { result } = JSON.parse(text) as {
        result?: { tools: { name: string }[]; nextCursor?: string };
      };
      if (result === undefined) throw new Error(text);
      theirs += result.tools.filter(({ name }) => /^u\d+__/.test(name)).length;
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    return theirs;
  }

  /** Calls one after the other until `work` is done; how long each took. */
  async callFor(work: () => Promise<unknown>): Promise<number[]> {
    const times: number[] = [];
    let over = false;
    const working = work().finally(() => {
      over = true;
    });
    while (!over) {
      const begun = performance.now();
      const response = await this.#post('tools/call', { name: 'u7__t7', arguments: { text: 'x' } });
      const text = await response.text();
      times.push(performance.now() - begun);
      if (!text.includes('"text":"x"')) throw new Error(text);
    }
    await working;
    return times;
  }

  #post(method: string, params: object): Promise<Response> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params });
    return fetch(this.#url, { method: 'POST', headers: this.#headers, body });
  }
}

function writeGround(directory: string, port: string): string {
  mkdirSync(join(directory, 'policies'));
  const upstreams = Array.from(
    { length: UPSTREAMS },
    (_, at) => `  u${at}: { url: "http://127.0.0.1:${port}/${at}/mcp", catalog: many }`,
  );
  const operations = Array.from(
    { length: TOOLS },
    (_, at) =>
      `  t${at}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: nothing }`,
  );
  writeFileSync(join(directory, 'many.yaml'), `catalog: many\noperations:\n${operations.join('\n')}\n`);
  writeFileSync(join(directory, 'policies/all.cedar'), Array.from({ length: RULES }, ruleText).join(''));
  const config = join(directory, 'lanyard.yaml');
  writeFileSync(
    config,
    `listen: 127.0.0.1:0
people: [{ id: ada, name: Ada, roles: [owner] }]
agents: [{ id: bench, owner: ada, purpose: measuring, limits: { attemptsPerMinute: 100000000, logBytesPerDay: 1e12 } }]
upstreams:
${upstreams.join('\n')}
catalog: [./many.yaml]
policies: [./policies]
`,
  );
  return config;
}

/** One that permits, and others that look at an upstream, an argument or what Lanyard knows. */
function ruleText(_: unknown, at: number): string {
  if (at === 0)
    return '@id("reads") @need("measuring")\npermit (principal, action in Action::"risk:read", resource);\n';
  const head = `@id("rule-${at}") @reason("measuring")\nforbid (principal, action in Action::"upstream:u${at % UPSTREAMS}", resource)`;
  return [
    `${head}\nwhen { context.input has text && context.input.text like "*word-${at}*" };\n`,
    `${head}\nwhen { context.input has count && context.input.count > ${at + 100} };\n`,
    `${head}\nwhen { context.system.door == "nowhere-${at}" };\n`,
  ][at % 3] as string;
}

async function up(config: string): Promise<Running> {
  const begun = performance.now();
  const child = spawn(LANYARD, ['up', '-c', config], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [, url = ''] = await waitFor(child, /^ready (\S+)/);
  const readyMs = performance.now() - begun;
  return {
    url,
    pid: child.pid ?? 0,
    readyMs,
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 12_000).unref();
      }),
  };
}

function command(words: string, config: string): Promise<void> {
  const child = spawn(LANYARD, [...words.split(' '), '-c', config], { stdio: 'ignore' });
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${words} ended with ${code}`)))),
  );
}

/** Resident memory in MB, of the process that listens: now, and at most. */
function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1000);
  return { now: of('VmRSS'), most: of('VmHWM') };
}

function waitFor(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = pattern.exec(line);
      if (match !== null) resolve(match);
    });
  });
}

const pause = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));
const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const row = (name: string, found: string, rest: string): string =>
  `${name.padEnd(36)}  ${found.padStart(10)}   ${rest}`;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
