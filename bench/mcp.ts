import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * MCP calls through Lanyard beside what checks and records nothing: a bare pass-through, mcp-proxy and supergateway,
 * all before the same minimal stdio upstream, with the same raw client; paired rounds, medians. Loopback only.
 */
const ROOT = join(import.meta.dirname, '..');
const UPSTREAM = join(ROOT, 'tests/fixtures/upstreams/minimal-stdio.mjs');
const CLIENT = join(import.meta.dirname, 'mcp/raw-client.mjs');
const PEERS = join(import.meta.dirname, 'node_modules');
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
/** How often each is started anew for its first calls. */
const STARTS = Number(process.env['BENCH_STARTS'] ?? 3);

export interface Gateway {
  readonly url: string;
  /** Of the gateway itself, where it is Lanyard. */
  readonly pid?: number;
  readonly config?: string;
  readonly token?: string;
  stop(): Promise<void>;
}

interface Contender {
  readonly name: string;
  open(): Promise<Gateway>;
}

interface Measured {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'bare pass-through', open: openPassThrough },
  { name: 'Lanyard', open: openLanyard },
  { name: 'supergateway', open: openSupergateway },
  { name: 'mcp-proxy', open: openMcpProxy },
];

export async function run(): Promise<string[]> {
  const present = CONTENDERS.filter(({ name }) => {
    if (name === 'Lanyard' || name === 'bare pass-through' || existsSync(PEERS)) return true;
    console.error(`${name} is not measured: run npm ci in bench/ first`);
    return false;
  });
  return [
    '16 callers, the first 4,000 calls after a start',
    ...report(await firstCalls(present), ['16']),
    'with all that a warm-up and the rounds before have compiled',
    ...report(await laterCalls(present), ['16', '1']),
  ];
}

/** Of gateways that have just started: what a client meets that comes now and then. */
async function firstCalls(contenders: readonly Contender[]): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>();
  for (let start = 0; start < STARTS; start++) {
    for (const { name, open } of contenders) {
      const gateway = await open();
      add(results, `16 ${name}`, measure(gateway, 16, 4000));
      await gateway.stop();
    }
    console.error(`start ${start + 1} of ${STARTS}`);
  }
  return results;
}

async function laterCalls(contenders: readonly Contender[]): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>();
  const gateways: { name: string; gateway: Gateway }[] = [];
  try {
    for (const { name, open } of contenders) gateways.push({ name, gateway: await open() });
    for (const { gateway } of gateways) measure(gateway, 16, 12_000); // warm-up
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, gateway } of gateways) {
        for (const [callers, calls] of [
          [16, 8000],
          [1, 1500],
        ] as const) {
          add(results, `${callers} ${name}`, measure(gateway, callers, calls));
        }
      }
      console.error(`round ${round + 1} of ${ROUNDS}`);
    }
  } finally {
    for (const { gateway } of gateways) await gateway.stop();
  }
  return results;
}

function add(results: Map<string, Measured[]>, key: string, measured: Measured): void {
  results.set(key, [...(results.get(key) ?? []), measured]);
}

function report(results: ReadonlyMap<string, readonly Measured[]>, kinds: readonly string[]): string[] {
  const lines = ['callers  gateway              calls/s      p50 ms    p99 ms   of the faster peer'];
  for (const callers of kinds) {
    const rate = (name: string) =>
      median((results.get(`${callers} ${name}`) ?? []).map((one) => one.callsPerSecond));
    const best = Math.max(rate('supergateway') || 0, rate('mcp-proxy') || 0);
    for (const { name } of CONTENDERS) {
      const runs = results.get(`${callers} ${name}`);
      if (runs === undefined) continue;
      const p50 = median(runs.map((one) => one.p50Ms));
      const p99 = median(runs.map((one) => one.p99Ms));
      const ratio = best > 0 ? `${(rate(name) / best).toFixed(2)}x` : '';
      lines.push(
        `${callers.padStart(7)}  ${name.padEnd(18)}  ${rate(name).toFixed(0).padStart(8)}  ${p50.toFixed(3).padStart(10)}  ${p99.toFixed(2).padStart(8)}   ${ratio}`,
      );
    }
  }
  return lines;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function measure({ url, token }: Gateway, callers: number, calls: number): Measured {
  const args = [CLIENT, url, String(callers), String(calls), ...(token === undefined ? [] : [token])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 900_000 })) as Measured;
}

async function openPassThrough(): Promise<Gateway> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mcp/passthrough.mjs'), UPSTREAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await waitFor(child, /^port (\d+)/);
  return { url: `http://127.0.0.1:${line[1]}/mcp`, stop: () => end(child) };
}

/** `keep`: leaves its directory when it stops. */
export async function openLanyard({ keep = false } = {}): Promise<Gateway> {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
  mkdirSync(join(directory, 'policies'));
  const config = join(directory, 'lanyard.yaml');
  writeFileSync(join(directory, 'policies/all.cedar'), POLICY);
  writeFileSync(join(directory, 'echo.yaml'), CATALOG);
  writeFileSync(
    config,
    `listen: 127.0.0.1:0
people: [{ id: ada, name: Ada, roles: [owner] }]
agents: [{ id: bench, owner: ada, purpose: measuring, limits: { attemptsPerMinute: 100000000, logBytesPerDay: 1e12 } }]
upstreams: { up: { command: ["${process.execPath}", "${UPSTREAM}"], catalog: echo } }
catalog: [./echo.yaml]
policies: [./policies]
`,
  );
  const lanyard = join(ROOT, 'lanyard');
  const child = spawn(lanyard, ['up', '-c', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const line = await waitFor(child, /^ready (\S+)/);
  const token = execFileSync(lanyard, ['agent', 'token', 'bench', '-c', config], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return {
    url: `${line[1]}/mcp/up`,
    token,
    config,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    async stop() {
      await end(child);
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
  };
}

const POLICY = `@id("echo") @need("measuring")
permit (principal, action == Action::"mcp:up/echo", resource) when { context.input.text != "never" };
@id("no-secrets") @reason("no")
forbid (principal, action, resource) when { context has input && context.system.door == "nowhere" };
`;
const CATALOG = `catalog: echo
operations:
  echo: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: nothing }
`;

async function openSupergateway(): Promise<Gateway> {
  const port = await freePort();
  const bin = join(PEERS, 'supergateway/dist/index.js');
  const child = spawn(
    process.execPath,
    [
      bin,
      '--stdio',
      `${process.execPath} ${UPSTREAM}`,
      '--outputTransport',
      'streamableHttp',
      '--stateful',
      '--port',
      String(port),
      '--logLevel',
      'none',
    ],
    { stdio: 'ignore' },
  );
  await answering(port);
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => end(child) };
}

async function openMcpProxy(): Promise<Gateway> {
  const port = await freePort();
  const bin = join(PEERS, 'mcp-proxy/dist/bin/mcp-proxy.mjs');
  const child = spawn(
    process.execPath,
    [bin, '--port', String(port), '--server', 'stream', '--', process.execPath, UPSTREAM],
    { stdio: 'ignore' },
  );
  await answering(port);
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => end(child) };
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`nothing answers on port ${port}`);
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 12_000).unref();
  });
}
