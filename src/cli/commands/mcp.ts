import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { requestFor } from '../../base/http.ts';
import { STDIO_PROTOCOL } from '../../doors/mcp/agent-side/index.ts';
import { readRuleSet } from '../../main/in-force/rule-set.ts';
import { objectOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

/**
 * `mcp UPSTREAM`: the running instance's MCP door over this process's stdin and stdout. Ends with 0 once its client has
 * ended stdin and was answered, and with 4 where the instance went first.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const token = process.env['LANYARD_TOKEN'];
  if (token === undefined || token === '') {
    throw new CommandFailure(
      EXIT.usage,
      "LANYARD_TOKEN must hold the agent's token. Make one with ./lanyard agent token ID.",
    );
  }
  const socket = await connect(
    await addressOf(configPath(args)),
    args.words[0] ?? '',
    token,
    option(args, 'agent'),
  );
  if (!(await carry(socket))) {
    throw new CommandFailure(
      EXIT.unreachable,
      'The connection to the instance was lost. What was not answered may have been done: the log says so (./lanyard log show) once an instance runs again.',
    );
  }
  return EXIT.done;
}

/** Carries bytes both ways until the connection is over; answers whether it was the client that ended it. */
async function carry(socket: Duplex): Promise<boolean> {
  let broken = false;
  // An instance that is killed with something unread resets the connection. `close` follows.
  socket.on('error', () => {
    broken = true;
  });
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  const ended = process.stdin.readableEnded;
  // stdin may still be open: nobody reads it any more.
  process.stdin.destroy();
  return ended && !broken;
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

/** The door says why in its refusal. */
function refused(status: number, body: string): CommandFailure {
  const exit = status === 401 ? EXIT.denied : EXIT.failed;
  const why = /"sentence":("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  return new CommandFailure(
    exit,
    why === undefined ? `The instance refused (HTTP ${status}).` : String(JSON.parse(why)),
  );
}
