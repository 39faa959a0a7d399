import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Listed } from '../../catalog/pins/definition.ts';
import type { Generation } from '../../pipeline/ports/call.ts';

/** One call that reached a canary, with the bytes as they came. */
export interface Arrived {
  readonly method: string;
  readonly name: string;
  readonly params: JsonObject;
  readonly raw: string;
  readonly generation: Generation;
}

export type CanaryAnswer =
  | { readonly result: JsonObject }
  | { readonly error: JsonObject }
  /** Over HTTP only: sends the caller elsewhere. */
  | { readonly redirect: string };

const VERSION_META = 'io.modelcontextprotocol/protocolVersion';
const SERVER_META = 'io.modelcontextprotocol/serverInfo';
const MODERN = '2026-07-28';
const ACTIONS = new Set(['tools/call', 'resources/read', 'prompts/get', 'completion/complete']);
const PRIVATE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

/**
 * A server that does nothing but count what reaches it: what doctor puts in the place of a real one. It lists what it
 * is told to list, in the generations it is told to speak.
 */
export class CanaryServer {
  readonly id: string;
  readonly arrived: Arrived[] = [];
  readonly offers: Map<Generation, Listed>;
  /** What a call is answered; replaced while a check wants something else. */
  answer: (call: Arrived) => CanaryAnswer | Promise<CanaryAnswer> = plainAnswer;
  /** Called at the very moment a call arrives, before it is answered. */
  onArrival: (call: Arrived) => void | Promise<void> = () => undefined;

  /** While set, whatever asks what it offers waits for this. */
  gate: Promise<void> = Promise.resolve();
  /** Called when somebody asks what it offers. */
  onAsked: () => void = () => undefined;

  constructor(id: string, offers: ReadonlyMap<Generation, Listed>) {
    this.id = id;
    this.offers = new Map(offers);
  }

  /** The answer to one message of JSON-RPC; null where it asks for none. */
  async take(raw: string): Promise<JsonObject | { readonly redirect: string } | null> {
    const message: unknown = JSON.parse(raw);
    if (!isJsonObject(message)) return null;
    const { id, method } = message;
    if (id === undefined || typeof method !== 'string') return null;
    const params = isJsonObject(message['params']) ? message['params'] : {};
    const meta = params['_meta'];
    const generation = isJsonObject(meta) && meta[VERSION_META] !== undefined ? '2026' : '2025';
    const answered = await this.#answer({ method, params, raw, generation, name: nameOf(params) });
    return 'redirect' in answered ? answered : { jsonrpc: '2.0', id: id as Json, ...answered };
  }

  async #answer(call: Arrived): Promise<CanaryAnswer> {
    const { method, generation } = call;
    const offer = this.offers.get(generation);
    if (offer === undefined) return unknown(method);
    if (ACTIONS.has(method)) {
      this.arrived.push(call);
      await this.onArrival(call);
      const answer = await this.answer(call);
      if (generation === '2025' || !('result' in answer)) return answer;
      return { result: { ...PRIVATE, ...answer.result } };
    }
    this.onAsked();
    await this.gate;
    const result = listing(method, offer);
    if (result === undefined) return unknown(method);
    return { result: generation === '2026' ? { ...PRIVATE, ...result } : result };
  }
}

export function plainAnswer({ method, params }: Arrived): CanaryAnswer {
  if (method === 'resources/read')
    return { result: { contents: [{ uri: String(params['uri']), text: 'canary' }] } };
  if (method === 'prompts/get') return { result: { messages: [] } };
  return { result: { content: [{ type: 'text', text: 'canary' }] } };
}

function nameOf(params: JsonObject): string {
  const name = params['name'] ?? params['uri'];
  return typeof name === 'string' ? name : '';
}

function listing(method: string, offer: Listed): JsonObject | undefined {
  const { server, instructions, tools, prompts, resources, resourceTemplates } = offer;
  const about = {
    capabilities: { tools: {}, prompts: {}, resources: {} },
    ...(instructions === undefined ? {} : { instructions }),
  };
  switch (method) {
    case 'server/discover':
      return { supportedVersions: [MODERN], ...about, _meta: { [SERVER_META]: server } };
    case 'initialize':
      return { protocolVersion: '2025-11-25', ...about, serverInfo: server };
    case 'tools/list':
      return { tools };
    case 'prompts/list':
      return { prompts };
    case 'resources/list':
      return { resources };
    case 'resources/templates/list':
      return { resourceTemplates };
    case 'ping':
      return {};
    default:
      return undefined;
  }
}

function unknown(method: string): CanaryAnswer {
  return { error: { code: -32601, message: `the canary does not know ${method}` } };
}
