import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { request } from '../../base/http.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { STDIO_PROTOCOL } from '../../doors/mcp/agent-side/index.ts';
import { readLines } from './lines.ts';
import { isDone, readSaid, type Said } from './said.ts';

/** The ways in which an agent can come in. */
export const SURFACES = [
  'HTTP, 2026-07-28',
  'HTTP, 2025-11-25',
  'stdio, 2026-07-28',
  'stdio, 2025-11-25',
] as const;
export type Surface = (typeof SURFACES)[number];

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'lanyard-doctor', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'lanyard-doctor', version: '1' },
};

interface RawReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** One agent's client at the doors of a sibling, written out by hand so that it can also be wrong on purpose. */
export class CanaryAgent {
  readonly token: string;
  readonly #url: string;
  readonly #sessions = new Map<string, string>();

  constructor(url: string, token: string) {
    this.#url = url;
    this.token = token;
  }

  /** One tool call. */
  call(surface: Surface, upstream: string, name: string, args: JsonObject): Promise<Said> {
    return this.ask(surface, upstream, 'tools/call', { name, arguments: args });
  }

  /** One request by any method, over any surface. */
  async ask(surface: Surface, upstream: string, method: string, params: JsonObject): Promise<Said> {
    if (surface.startsWith('stdio')) return this.#askStdio(surface, upstream, method, params);
    if (surface === 'HTTP, 2026-07-28') return readSaid(await this.post(upstream, modern(method, params)));
    const session = await this.session(upstream);
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    return readSaid(await this.post(upstream, { headers, body: frame(1, method, params) }));
  }

  /** Names of the tools that are shown. */
  async tools(surface: Surface, upstream: string): Promise<string[]> {
    const said = await this.ask(surface, upstream, 'tools/list', {});
    const tools = said.result?.['tools'];
    return Array.isArray(tools) ? tools.map((tool) => (isJsonObject(tool) ? String(tool['name']) : '')) : [];
  }

  /** A session of the older generation, opened once for each server. */
  async session(upstream: string): Promise<string> {
    const known = this.#sessions.get(upstream);
    if (known !== undefined) return known;
    const reply = await this.post(upstream, { headers: {}, body: frame(0, 'initialize', INITIALIZE) });
    const key = reply.headers['mcp-session-id'];
    if (typeof key !== 'string') return '';
    this.#sessions.set(upstream, key);
    return key;
  }

  /** A POST as it is given; a header set to undefined is left out. */
  post(upstream: string, what: Posted): Promise<RawReply> {
    return this.send(`/mcp/${upstream}`, what);
  }

  /** The same to any address of the doors. */
  send(path: string, what: Posted): Promise<RawReply> {
    const base: Record<string, string | undefined> = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...what.headers,
    };
    const headers = Object.fromEntries(
      Object.entries(base).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method: 'POST', headers, agent: false }, (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
          reject,
        );
      });
      sent.setTimeout(LIMITS.doctorCallMs, () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject);
      sent.end(what.body);
    });
  }

  async #askStdio(surface: Surface, upstream: string, method: string, params: JsonObject): Promise<Said> {
    const socket = await this.upgrade(upstream);
    if ('status' in socket) return readSaid(socket);
    const lines =
      surface === 'stdio, 2026-07-28'
        ? [frame(1, method, { ...params, _meta: ENVELOPE })]
        : [
            frame(0, 'initialize', INITIALIZE),
            '{"jsonrpc":"2.0","method":"notifications/initialized"}',
            frame(1, method, params),
          ];
    try {
      return await converse(socket, lines);
    } finally {
      socket.destroy();
    }
  }

  /** The stdio door as `./lanyard mcp` opens it, or why not. */
  upgrade(upstream: string, agent?: string): Promise<Duplex | RawReply> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      connection: 'Upgrade',
      upgrade: STDIO_PROTOCOL,
      ...(agent === undefined ? {} : { 'lanyard-agent': agent }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}/mcp/${upstream}`, { headers, agent: false });
      sent.once('upgrade', (_response, socket) => resolve(socket));
      sent.once('response', (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
          reject,
        );
      });
      sent.setTimeout(LIMITS.doctorCallMs, () => sent.destroy(new Error('no answer in time')));
      sent.once('error', reject);
      sent.end();
    });
  }
}

export interface Posted {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** A request of 2026-07-28 with the headers that go with it. */
export function modern(method: string, params: JsonObject): Posted {
  const name = params['name'] ?? params['uri'];
  return {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: frame(1, method, { ...params, _meta: ENVELOPE }),
  };
}

function frame(id: number, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** Sends lines and resolves to the answer to the request with the id 1. */
function converse(socket: Duplex, lines: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no answer in time')), LIMITS.doctorCallMs);
    const done = (said: Said) => {
      clearTimeout(late);
      resolve(said);
    };
    socket.on('error', reject);
    readLines(
      socket,
      (line) => {
        if (isDone(line)) done(readSaid({ status: 200, text: line }));
      },
      () => done({ kind: 'nothing', code: '', status: 0, text: '' }),
    );
    for (const line of lines) socket.write(`${line}\n`);
  });
}
