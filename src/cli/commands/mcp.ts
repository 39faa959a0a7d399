import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { STDIO_PROTOCOL } from '../../doors/mcp/agent-side/index.ts';
import { readRuleSet } from '../../main/rule-set.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { NotRunning } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `mcp UPSTREAM`: the running instance's MCP door over this process's stdin and stdout. */
export async function run(args: Arguments): Promise<ExitCode> {
  const token = process.env['LANYARD_TOKEN'];
  if (token === undefined || token === '') {
    throw new CommandFailure(
      EXIT.usage,
      "LANYARD_TOKEN must hold the agent's token. Make one with ./lanyard agent token ID.",
    );
  }
  const socket = await connect(
    addressOf(configPath(args)),
    args.words[0] ?? '',
    token,
    option(args, 'agent'),
  );
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  // stdin may still be open: nobody reads it any more.
  process.stdin.destroy();
  return EXIT.done;
}

function addressOf(config: string): URL {
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
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
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
      response.resume();
      reject(
        new CommandFailure(
          response.statusCode === 401 ? EXIT.denied : EXIT.failed,
          `The instance refused (HTTP ${response.statusCode}): is the token right, and is there an upstream "${upstream}"?`,
        ),
      );
    });
    sent.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ECONNREFUSED' ? new NotRunning() : error),
    );
    sent.end();
  });
}
