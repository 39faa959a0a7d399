import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { requestFor } from '../../base/http.ts';
import { orNearest } from '../../base/nearest.ts';
import { FAREWELL, STDIO_PROTOCOL } from '../../doors/mcp/agent-side/index.ts';
import { readRuleSet } from '../../main/in-force/rule-set.ts';
import { ID_PATTERN } from '../../model/agent.ts';
import { objectOf, rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/**
 * `mcp UPSTREAM`: the running instance's MCP door over this process's stdin and stdout. Ends with 0 once its client has
 * ended stdin and was answered, and with 4 where the instance went first.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const token = process.env['LANYARD_TOKEN']?.trim();
  if (token === undefined || token === '') {
    throw new CommandFailure(
      EXIT.usage,
      "LANYARD_TOKEN must hold the agent's token. Make one with ./lanyard agent token ID.",
    );
  }
  const agent = option(args, 'agent');
  refuseUnsendable(token, agent);
  const config = configPath(args);
  const [upstream = ''] = args.words;
  if (upstream === '')
    throw new CommandFailure(EXIT.usage, 'Say which upstream: ./lanyard mcp UPSTREAM --agent ID.');
  const address = await addressOf(config);
  const socket = await connect(address, upstream, token, agent).catch(async (failure: unknown) => {
    throw failure instanceof DoorRefused ? await refusedWith(failure, config, upstream) : failure;
  });
  const ended = await carry(socket);
  if (ended !== 'by its client') throw new CommandFailure(EXIT.unreachable, GONE[ended]);
  return EXIT.done;
}

/** What no header holds (RFC 9110 §5.5), so that it would fail with words about headers, or arrive as something else. */
function refuseUnsendable(token: string, agent: string | undefined): void {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new CommandFailure(
      EXIT.usage,
      'LANYARD_TOKEN holds a space, a line break or a sign that no token has; set it to the one word that ./lanyard agent token printed.',
    );
  if (agent !== undefined && !ID_PATTERN.test(agent))
    throw new CommandFailure(EXIT.usage, `"${plain(agent)}" is the id of no agent; say --agent ID.`);
}

const GONE = {
  'by the instance':
    'The instance has ended. What ran was answered first; start it again with ./lanyard up (or npm start).',
  lost: 'The connection to the instance was lost. What was not answered may have been done: the log says so (./lanyard log show) once an instance runs again.',
} as const;

/** Carries bytes both ways until the connection is over; answers what ended it. */
async function carry(socket: Duplex): Promise<keyof typeof GONE | 'by its client'> {
  let broken = false;
  let farewell = false;
  // An instance that is killed with something unread resets the connection. `close` follows.
  socket.on('error', () => {
    broken = true;
  });
  process.stdin.pipe(socket);
  socket.on('data', (chunk: Buffer) => {
    farewell = chunk.at(-1) === FAREWELL;
    if (process.stdout.write(farewell ? chunk.subarray(0, -1) : chunk)) return;
    socket.pause();
    process.stdout.once('drain', () => socket.resume());
  });
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  const ended = process.stdin.readableEnded;
  // stdin may still be open: nobody reads it any more.
  process.stdin.destroy();
  if (ended && !broken) return 'by its client';
  return farewell ? 'by the instance' : 'lost';
}

/**
 * Where the running instance listens, as it says itself: the file may have been edited since. An agent that may not
 * open the operator socket takes the file's word.
 */
async function addressOf(config: string): Promise<URL> {
  try {
    const { url } = objectOf(await ask(config, 'GET /v1/status'));
    if (typeof url === 'string' && url !== '') return new URL(url);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error instanceof NotRunning) throw error;
  }
  const read = readRuleSet(config);
  if (!read.ok)
    throw new CommandFailure(
      EXIT.failed,
      'The configuration cannot be read.',
      read.error.map((one) => `${one.file}:${one.line}: ${one.message}`),
    );
  const { listen, tls } = read.value.set.configuration;
  return new URL(`${tls === undefined ? 'http' : 'https'}://${listen}`);
}

function connect(address: URL, upstream: string, token: string, agent: string | undefined): Promise<Duplex> {
  const request = requestFor(address);
  const headers = {
    Authorization: `Bearer ${token}`,
    Connection: 'Upgrade',
    Upgrade: STDIO_PROTOCOL,
    'Lanyard-Farewell': '1',
    ...(agent === undefined ? {} : { 'Lanyard-Agent': agent }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(`/mcp/${encodeURIComponent(upstream)}`, address), { headers });
    sent.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    sent.once('response', (response) => {
      void text(response).then(
        (body) => reject(refused(response.statusCode ?? 0, body)),
        (error: unknown) => reject(error),
      );
    });
    sent.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ECONNREFUSED' ? new NotRunning() : error),
    );
    sent.end();
  });
}

/** The door did not let it in, and says why. */
class DoorRefused extends CommandFailure {
  readonly code: string;

  constructor(status: number, code: string, sentence: string) {
    super(status === 401 ? EXIT.denied : EXIT.failed, sentence);
    this.code = code;
  }
}

function refused(status: number, body: string): DoorRefused {
  const member = (name: string): string | undefined => {
    const text = new RegExp(`"${name}":("(?:[^"\\\\]|\\\\.)*")`).exec(body)?.[1];
    return text === undefined ? undefined : String(JSON.parse(text));
  };
  return new DoorRefused(
    status,
    member('code') ?? '',
    member('sentence') ?? `The instance refused (HTTP ${status}).`,
  );
}

/** With what would help. Which upstreams there are is told by the operator socket, so that no agent learns it here. */
async function refusedWith(failure: DoorRefused, config: string, upstream: string): Promise<CommandFailure> {
  if (failure.code === 'TOKEN_REFUSED')
    return new CommandFailure(failure.exit, failure.message, [
      'Make one with ./lanyard agent token ID, and put it into LANYARD_TOKEN.',
    ]);
  if (failure.code !== 'UNKNOWN_UPSTREAM') return failure;
  try {
    const rows = rowsOf(await ask(config, 'GET /v1/catalog'));
    const known = new Set(rows.map((row) => String(row['upstream'])));
    return new CommandFailure(
      failure.exit,
      `There is no upstream "${upstream}"${orNearest(upstream, known)}`,
    );
  } catch (error) {
    if (error instanceof CommandFailure) return failure;
    throw error;
  }
}
