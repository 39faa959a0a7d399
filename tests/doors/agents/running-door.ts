import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { systemClock } from '../../../src/base/clock.ts';
import type { Problem } from '../../../src/base/errors.ts';
import { createIds } from '../../../src/base/ids.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { createDoorServer, type DoorTimes } from '../../../src/doors/http/server.ts';
import { createMcpDoor, type McpDoor, type McpDoorOptions } from '../../../src/doors/mcp/agent-side/door.ts';
import { ScriptedCorridor } from './scripted-corridor.ts';

export interface RunningDoor {
  readonly corridor: ScriptedCorridor;
  readonly door: McpDoor;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly logged: string[];
  stop(): Promise<void>;
}

/** A door on an ephemeral loopback port, in front of a scripted corridor. */
export async function startDoor(
  options: Partial<McpDoorOptions> = {},
  times?: DoorTimes,
  count?: (found: Problem) => void,
): Promise<RunningDoor> {
  const corridor = new ScriptedCorridor();
  const logged: string[] = [];
  const door = createMcpDoor({
    corridor,
    ids: createIds(systemClock),
    clock: systemClock,
    version: '0.0.0-test',
    hosts: ['gateway.example'],
    log: (line) => logged.push(line),
    ...options,
  });
  const server = createDoorServer(
    (req, res) => door.handle(req, res),
    undefined,
    times,
    {},
    {
      ...(count === undefined ? {} : { count }),
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    corridor,
    door,
    server,
    port,
    logged,
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; an empty object where it is none. */
  readonly json: JsonObject;
}

export interface Send {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: string | Buffer;
}

const BASE = {
  authorization: 'Bearer token-writer',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** One raw request over node:http; a header set to undefined is left out. */
export function send(port: number, what: Send): Promise<Reply> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries({ ...BASE, ...what.headers }))
    if (value !== undefined) headers[name] = value;
  return new Promise((resolve, reject) => {
    const req = request(
      {
        port,
        host: '127.0.0.1',
        method: what.method ?? 'POST',
        path: what.path ?? '/mcp/files',
        headers,
        agent: false,
      },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: asJson(text) });
        });
      },
    );
    req.on('error', reject);
    req.end(what.body);
  });
}

function asJson(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A request of 2026-07-28 with the headers that must go with it. */
export function current(method: string, params: JsonObject = {}, id: string | number = 1): Send {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const name = params['name'] ?? params['uri'];
  return {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id,
      method,
      params: { ...params, _meta: { ...ENVELOPE, ...meta } },
    }),
  };
}

/** A message of the older generation; `session` as initialize gave it. */
export function older(session: string | undefined, message: JsonObject): Send {
  return {
    headers: { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  };
}

/** Opens a session of 2025-11-25 and answers its `Mcp-Session-Id`. */
export async function openSession(port: number, what: Send = {}): Promise<string> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const reply = await send(port, { ...what, body });
  const key = reply.headers['mcp-session-id'];
  if (typeof key !== 'string') throw new Error(`no session: ${reply.status} ${reply.text}`);
  return key;
}

/** What the door says it can do, in both generations. */
export const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};
