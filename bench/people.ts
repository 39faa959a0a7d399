import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mockControl } from '../console/mock/serve.ts';
import { World } from '../console/mock/world.ts';
import { ask } from '../src/cli/instance.ts';
import type { QuestionPage } from '../src/contract/approval.ts';
import { setStrictHeaders } from '../src/control/gate.ts';
import { readPages } from '../src/control/pages.ts';
import { CHROMIUM, launch } from '../tests/console/browser.ts';
import { open } from '../tests/console/visit.ts';
import { OperatorGround, RULES } from '../tests/journeys/operator-ground.ts';
import { freePort, PersonAtBrowser } from '../tests/journeys/people-ground.ts';

/**
 * The people's side under load: how long from a decision until an open console has it, with 100 agents active and one or
 * 500 consoles open; what an inbox of 10,000 questions costs the server; and the frames of a scroll through that inbox and
 * through a million actions, in Chromium, where there is one. Loopback only. BENCH_PARTS names some of live, inbox, frames.
 */
const AGENTS = 100;
const CALLS_PER_SECOND = 100;
const MEASURED_MS = 15_000;
const CONSOLES = 500;
const WAITING = Number(process.env['BENCH_WAITING'] ?? 10_000);
const ASKING_AGENTS = WAITING / 10;
const ACTIONS = 1_000_000;
const ROUNDS = 15;
/** As `control` has it. */
const PAGE = 100;

const PARTS = { live: liveLines, inbox: inboxLines, frames: frameLines };

export async function run(
  parts = (process.env['BENCH_PARTS'] ?? 'live,inbox,frames').split(',') as (keyof typeof PARTS)[],
): Promise<string[]> {
  const rows = ['| what | median ms | slowest ms | needed |', '|---|---|---|---|'];
  for (const part of parts) rows.push(...(await PARTS[part]()));
  return rows;
}

interface Ground {
  readonly ground: OperatorGround;
  readonly ada: PersonAtBrowser;
  readonly url: string;
  readonly tokens: readonly string[];
}

async function groundOf(agents: number, rules: string): Promise<Ground> {
  const ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', rules);
  const listed = Array.from({ length: agents }, (_, i) => ({
    id: `a${i}`,
    owner: 'ada',
    purpose: 'Is measured',
  }));
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
      agents: `agents: ${JSON.stringify(listed)}`,
      upstreams: `upstreams: { box: ${JSON.stringify({ ...ground.upstream(), shared: true })} }`,
      approvals: 'approvals: { hold: 0s }',
    }),
  );
  const running = await ground.up();
  const url = (await running.url()) ?? '';
  const tokens: string[] = [];
  for (const { id } of listed)
    tokens.push(
      ((await ask(ground.config, 'POST /v1/token', { agent: id, ttlMs: 3_600_000 })) as { token: string })
        .token,
    );
  const ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  return { ground, ada, url, tokens };
}

let id = 0;
/** One call of 2026-07-28, to its end. */
async function call(url: string, token: string, name: string, args: object): Promise<void> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const response = await fetch(`${url}/mcp/box`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: ++id,
      method: 'tools/call',
      params: { name, arguments: args, _meta },
    }),
  });
  await response.text();
}

async function liveLines(): Promise<string[]> {
  const place = await groundOf(AGENTS, RULES);
  try {
    const one = await measureLive(place, 1);
    const many = await measureLive(place, CONSOLES);
    return [
      row(
        `from a decision until the one open console has it, ${AGENTS} agents, ${CALLS_PER_SECOND} calls/s`,
        one,
        'median < 150',
      ),
      row(`the same, ${CONSOLES} consoles open (all of them)`, many, 'median < 150'),
    ];
  } finally {
    await place.ground.remove();
  }
}

/** `at` of a decision's entry, against when its row has arrived at each console. */
async function measureLive({ ada, url, tokens }: Ground, consoles: number): Promise<number[]> {
  const ended = new AbortController();
  const delays: number[] = [];
  const seen = new Set<string>();
  const streams = Array.from({ length: consoles }, (_, i) =>
    follow(ada, ended.signal, i === 0 ? seen : null, delays),
  );
  await pause(2000);
  const calls: Promise<void>[] = [];
  const until = performance.now() + MEASURED_MS;
  for (let n = 0; performance.now() < until; n++) {
    calls.push(call(url, tokens[n % tokens.length] ?? '', 'look', { id: String(n) }));
    await pause(1000 / CALLS_PER_SECOND);
  }
  await Promise.all(calls);
  await pause(2000);
  ended.abort();
  await Promise.allSettled(streams);
  if (seen.size === 0) throw new Error('nothing arrived at the console');
  return delays;
}

async function follow(
  ada: PersonAtBrowser,
  signal: AbortSignal,
  seen: Set<string> | null,
  delays: number[],
): Promise<void> {
  const headers = { authorization: `Bearer ${ada.token}`, origin: ada.origin };
  const response = await fetch(`${ada.origin}/v1/events`, { headers, signal });
  if (!response.ok || response.body === null) throw new Error(`events: ${response.status}`);
  const mine = new Set<string>();
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const now = Date.now();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, action, at] = /^data: .*"action":"(\w+)".*?"at":"([^"]+)"/.exec(line) ?? [];
      if (action === undefined || at === undefined || mine.has(action)) continue;
      mine.add(action);
      seen?.add(action);
      delays.push(now - Date.parse(at));
    }
  }
}

const ASKS = `${RULES}@id("asks") @review("owner") @within("30d") forbid (principal, action == Action::"mcp:box/tell", resource);\n`;

async function inboxLines(): Promise<string[]> {
  const place = await groundOf(ASKING_AGENTS, ASKS);
  const { ada, url, tokens } = place;
  try {
    for (let n = 0; n < WAITING / ASKING_AGENTS; n++)
      for (let from = 0; from < tokens.length; from += 50)
        await Promise.all(
          tokens.slice(from, from + 50).map((token) => call(url, token, 'tell', { id: `${n}` })),
        );
    const middle = `/v1/questions?of=mine&from=${WAITING >> 1}`;
    const { count, rows } = (await ada.get(middle)).body as QuestionPage;
    if (count !== WAITING) throw new Error(`${count} questions wait, not ${WAITING}`);
    const some = rows[0]?.approval ?? '';
    const lines: string[] = [];
    for (const [what, path] of [
      ['the inbox', '/v1/questions?of=mine'],
      ['a page in its middle', middle],
      ['alerts', '/v1/alerts'],
      ['what agents put before people', '/v1/appeals'],
      ['one question', `/v1/approvals/${some}`],
      ['the overview, with its counters', '/v1/overview'],
      ['the agents', '/v1/agents'],
      ['duties', '/v1/duties'],
      ['the newest actions', '/v1/actions'],
    ] as const)
      lines.push(row(`${WAITING} questions wait: ${what}`, await timed(() => ada.get(path)), 'each < 100'));
    return lines;
  } finally {
    await place.ground.remove();
  }
}

async function timed(what: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const from = performance.now();
    await what();
    times.push(performance.now() - from);
  }
  return times;
}

/** The built console before rows that are made as they are asked for: what is measured is the page alone. */
async function frameLines(): Promise<string[]> {
  if (CHROMIUM === undefined) return ['| frames: skipped, there is no Chromium on this machine | | | |'];
  const nowMs = Date.now();
  const server = createServer(longControl(nowMs));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const visit = await open(context, url, '/inbox');
    const inside = await context.newCDPSession(visit.page);
    // Of the page's main thread alone, whatever else the machine does.
    await inside.send('Performance.enable', { timeDomain: 'threadTicks' });
    const workMs = async (): Promise<number> => {
      const { metrics } = await inside.send('Performance.getMetrics');
      return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
    };
    const lines: string[] = [];
    for (const [what, path, list] of [
      [`an inbox of ${WAITING}`, '/inbox', '.long-list'],
      [`Actions of ${ACTIONS} rows`, '/actions', '.long-list'],
    ] as const) {
      await visit.go(path);
      await visit.page.locator(list).first().waitFor();
      const before = await workMs();
      const frames = (await visit.page.evaluate(`(${scroll})(${JSON.stringify(list)})`)) as number[];
      const perFrame = ((await workMs()) - before) / frames.length;
      const long = frames.filter((ms) => ms > 50).length;
      lines.push(
        row(
          `frames of a scroll through ${what} (${long} of ${frames.length} over 50 ms; ${perFrame.toFixed(1)} ms of CPU each)`,
          frames,
          'none > 50',
        ),
      );
    }
    return lines;
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** In the page: 600 frames of 60 px each, and how long each took. */
const scroll = `async (list) => {
  const place = document.querySelector(list);
  const next = () => new Promise((done) => requestAnimationFrame(done));
  const frames = [];
  for (let i = 0; i < 60; i++) await next();
  let before = await next();
  for (let i = 0; i < 600; i++) {
    place.scrollTop += 60;
    const now = await next();
    frames.push(now - before);
    before = now;
  }
  return frames;
}`;

function longControl(nowMs: number) {
  const pages = readPages(join(import.meta.dirname, '..', 'console', 'dist'));
  if (pages === null) throw new Error('the console is not built: node scripts/console.mjs');
  const world = new World(nowMs);
  const [question] = world.approvals();
  if (question === undefined) throw new Error('the mock has no question');
  const waiting = Array.from({ length: WAITING }, (_, n) => ({
    ...question,
    approval: `01JDWX7Q4M${String(n).padStart(16, '0')}`,
    state: 'waiting',
    agent: `a${n % ASKING_AGENTS}`,
    asked: new Date(nowMs - n * 1000).toISOString(),
    expires: new Date(nowMs + 3_600_000).toISOString(),
  }));
  const mock = mockControl(nowMs);
  const rowsFrom = (before: number) =>
    Array.from({ length: Math.min(50, before) }, (_, n) => {
      const seq = before - 1 - n;
      return {
        ...world.rows[seq % world.rows.length],
        seq,
        action: `01JDWX7Q4M${String(seq).padStart(16, '0')}`,
      };
    });
  return (request: Parameters<typeof mock>[0], response: Parameters<typeof mock>[1]) => {
    setStrictHeaders(response, false);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const json = (text: string) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    if (pathname === '/v1/questions') {
      const of = searchParams.get('of');
      const all = of === 'mine' ? waiting : [];
      const from = Number(searchParams.get('from') ?? 0);
      return json(JSON.stringify({ count: all.length, from, rows: all.slice(from, from + PAGE), alike: [] }));
    }
    if (pathname === '/v1/actions') {
      const rows = rowsFrom(Number(searchParams.get('before') ?? ACTIONS));
      const last = rows.at(-1)?.seq ?? 0;
      return json(JSON.stringify({ rows, before: last > 0 ? last : null, lookedBackTo: null }));
    }
    if (mock(request, response)) return undefined;
    const page = pages.find(pathname);
    if (page === undefined) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': page.type }).end(page.bytes);
  };
}

function row(what: string, times: readonly number[], needed: string): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `| ${what} | ${at(0.5)} | ${at(1)} | ${needed} |`;
}
