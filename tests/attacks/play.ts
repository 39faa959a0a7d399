import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Attack, Face, Gateway, HttpStep, Place, Reached, Reply, StdioStep, Step } from './attack.ts';
import type { Canary, Seen } from './canary.ts';
import { IN_ORDER, post } from './wire.ts';
import { damageTo, layOut } from './workspace.ts';

/** What became of one row. */
interface Played {
  /** Of the last step, each one of `together`. */
  readonly replies: readonly Reply[];
  readonly seen: readonly Seen[];
}

/**
 * What is wrong with how a gateway takes a row, a sentence each; null where the row needs what this gateway does not
 * have.
 */
export async function findings(
  gateway: Gateway,
  canary: Canary,
  attack: Attack,
): Promise<readonly string[] | null> {
  if (attack.files && gateway.workspace === null) return null;
  if (attack.door === 'stdio' && gateway.stdio === null) return null;
  if (isFace(attack.door) && gateway.faces?.[attack.door] === undefined) return null;
  if ((attack.lanyardOnly || attack.door === 'check') && !gateway.exact) return null;
  return judge(gateway, attack, await play(gateway, canary, attack));
}

const isFace = (door: Attack['door']): door is Face =>
  door !== 'http' && door !== 'stdio' && door !== 'check';

/** How long a gateway may be silent on one connection; one that hangs has failed. */
const SILENT_MS = 20_000;

/**
 * Plays the steps of a row. At the end the other agent makes a call that is in order: what was sent on before has then
 * arrived, and the gateway still works.
 */
async function play(gateway: Gateway, canary: Canary, attack: Attack): Promise<Played> {
  await canary.seen();
  const kept: Record<string, string> = {};
  const workspace = gateway.workspace ?? '';
  if (attack.files) layOut(workspace);
  const { host, tokens, faces = {} } = gateway;
  const place: Place = { host, tokens, faces, canaryUrl: canary.url, workspace, kept };
  let replies: readonly Reply[] = [];
  for (const make of attack.steps) {
    const step = make(place);
    replies = await take(gateway, canary, step);
    const [first] = replies;
    if (step.kind === 'http' && step.keep !== undefined && first !== undefined)
      Object.assign(kept, step.keep(first));
  }
  const seen = await canary.seen();
  const fence = await send(gateway, post(IN_ORDER, { as: 'other' })(place));
  const after = await canary.seen();
  if (fence.status !== 200 || after.length === 0)
    throw new Error(`afterwards the gateway does not work: ${fence.status} ${fence.text}`);
  return { replies, seen: [...seen, ...after.slice(0, -1)] };
}

async function take(gateway: Gateway, canary: Canary, step: Step): Promise<readonly Reply[]> {
  switch (step.kind) {
    case 'http':
      return [await sendUntil(gateway, step)];
    case 'together':
      return Promise.all(step.steps.map((one) => send(gateway, one)));
    case 'turn':
      await canary.turn(step.to);
      return [];
    case 'minute':
      while (MINUTE_MS - (Date.now() % MINUTE_MS) < step.leaveMs)
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      return [];
    case 'stdio':
      return [await overStdio(gateway, step)];
  }
}

const AGAIN_MS = 100;
const MINUTE_MS = 60_000;

async function sendUntil(gateway: Gateway, step: HttpStep): Promise<Reply> {
  let reply = await send(gateway, step);
  // Wrong tokens have a limit a minute, and a quick machine plays them all within one.
  if (codeOf(gateway, reply) === 'TOO_MANY_FAILURES') {
    await new Promise((resolve) => setTimeout(resolve, MINUTE_MS - (Date.now() % MINUTE_MS)));
    reply = await send(gateway, step);
  }
  const times = gateway.exact ? 100 : 5;
  for (let turn = 0; turn < times && step.until?.(reply) === false; turn++) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    reply = await send(gateway, step);
  }
  return reply;
}

/** Bytes on a connection of their own, and all that comes back until it is closed. */
function send(gateway: Gateway, { bytes, to }: HttpStep): Promise<Reply> {
  const where = (to === undefined ? gateway.host : gateway.faces?.[to]) ?? '';
  const [host = '', port = ''] = where.split(':');
  const target = where.startsWith('/') ? { path: where } : { host, port: Number(port) };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection(target, () => socket.write(bytes));
    socket.setTimeout(SILENT_MS, () => socket.destroy(new Error('the gateway did not answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (fault: NodeJS.ErrnoException) => {
      // A gateway may cut off whom it does not want to hear.
      if (fault.code !== 'ECONNRESET' && fault.code !== 'EPIPE') reject(fault);
    });
    socket.on('close', () => resolve(readReply(Buffer.concat(chunks).toString('utf8'))));
  });
}

/** The first answer of a connection; what follows it stays part of the text. */
function readReply(all: string): Reply {
  const at = all.indexOf('\r\n\r\n');
  const [status = '', ...lines] = (at === -1 ? all : all.slice(0, at)).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const body = at === -1 ? '' : all.slice(at + 4);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(status)?.[1] ?? 0),
    headers: Object.fromEntries(headers),
    text: all,
    message: lastMessage(body),
  };
}

/** A body, or the last line of an event stream or of a stdio face, that is a JSON object. */
function lastMessage(body: string): Reply['message'] {
  for (const line of body.split('\n').reverse()) {
    const start = line.indexOf('{');
    if (start === -1) continue;
    try {
      return JSON.parse(line.slice(start)) as Readonly<Record<string, unknown>>;
    } catch {
      // Not a whole message: the line before may be one.
    }
  }
  return null;
}

async function overStdio(gateway: Gateway, step: StdioStep): Promise<Reply> {
  if (gateway.stdio === null) throw new Error('this gateway has no stdio face');
  const { command, args } = gateway.stdio(step.upstream);
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', LANYARD_TOKEN: step.token },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(step.input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: 0, headers: {}, text: `${out}\n${err}`, message: lastMessage(out) };
}

function judge(gateway: Gateway, attack: Attack, { replies, seen }: Played): readonly string[] {
  const faults = [...judgeSeen(attack.reaches ?? [], seen)];
  if (attack.files && gateway.workspace !== null) faults.push(...damageTo(gateway.workspace));
  const whole = replies.map((reply) => reply.text).join('\n');
  const { lacks = [], says = [], tally } = attack.expect;
  for (const words of lacks)
    if (whole.includes(words)) faults.push(`the answer holds ${JSON.stringify(words)}`);
  for (const token of Object.values(gateway.tokens))
    if (whole.includes(token) || JSON.stringify(seen).includes(token)) faults.push('a token was shown');
  if (!gateway.exact && attack.control === undefined) return faults;
  for (const words of says)
    if (!whole.includes(words)) faults.push(`the answer lacks ${JSON.stringify(words)}`);
  if (tally !== undefined) faults.push(...judgeTally(gateway, tally, replies));
  else for (const reply of replies) faults.push(...judgeReply(gateway, attack, reply));
  return faults;
}

function judgeReply(gateway: Gateway, { expect, door }: Attack, reply: Reply): readonly string[] {
  const faults: string[] = [];
  const wanted = [expect.status ?? (door === 'stdio' ? 0 : 200)].flat();
  if (!wanted.includes(reply.status))
    faults.push(`the status is ${reply.status} and not ${wanted.join(' or ')}: ${reply.text.slice(0, 400)}`);
  const code = codeOf(gateway, reply);
  if (code !== expect.code)
    faults.push(`the code is ${code} and not ${expect.code}: ${reply.text.slice(0, 600)}`);
  return faults;
}

function codeOf(gateway: Gateway, reply: Reply): string {
  return gateway.codeOf(reply) ?? (reply.message === null ? 'none' : 'ok');
}

function judgeTally(
  gateway: Gateway,
  tally: Readonly<Record<string, number>>,
  replies: readonly Reply[],
): readonly string[] {
  const counted: Record<string, number> = {};
  for (const reply of replies) {
    const key = `${reply.status} ${codeOf(gateway, reply)}`;
    counted[key] = (counted[key] ?? 0) + 1;
  }
  const sorted = (record: Readonly<Record<string, number>>) => JSON.stringify(Object.entries(record).sort());
  return sorted(counted) === sorted(tally) ? [] : [`the answers were ${sorted(counted)}`];
}

/** Nothing but what is wanted, in any order, and never what is between agent and gateway. */
function judgeSeen(wanted: readonly Reached[], seen: readonly Seen[]): readonly string[] {
  const left = seen.map(({ upstream, method, name, arguments: args }) =>
    JSON.stringify({
      upstream,
      method,
      name,
      ...(method === 'resources/read' ? {} : { arguments: args ?? {} }),
    }),
  );
  const faults: string[] = [];
  for (const { upstream, method, name, arguments: args = {} } of wanted) {
    const one = JSON.stringify({
      upstream,
      method,
      name,
      ...(method === 'resources/read' ? {} : { arguments: args }),
    });
    const at = left.indexOf(one);
    if (at === -1) faults.push(`this did not arrive: ${one}`);
    else left.splice(at, 1);
  }
  for (const one of left) faults.push(`this arrived: ${one}`);
  if (
    seen.some(({ meta, headers }) =>
      Object.keys({ ...meta, ...headers }).some((key) => key.startsWith('dev.lanyard/')),
    )
  )
    faults.push('metadata of the gateway arrived');
  return faults;
}
