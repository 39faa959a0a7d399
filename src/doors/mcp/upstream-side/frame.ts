import type { JsonObject } from '../../../base/json.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { Order } from '../../../pipeline/ports/upstream.ts';
import type { Call } from './channel.ts';

/** What we tell upstreams about ourselves. */
export const CLIENT_INFO = { name: 'lanyard', version: '0.1.0' } as const;
export const MODERN_VERSION = '2026-07-28';
/** Offered in `initialize`; a server answers with what it speaks. */
export const LEGACY_VERSION = '2025-11-25';
/** For what is sent here (listing, calling, reading), these agree; a server of any of them is met. */
export const LEGACY_VERSIONS: ReadonlySet<string> = new Set([
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
]);

const CAPABILITIES = '"io.modelcontextprotocol/clientCapabilities":';
const ABOUT_US =
  `,"io.modelcontextprotocol/clientInfo":${JSON.stringify(CLIENT_INFO)},` +
  `"io.modelcontextprotocol/protocolVersion":"${MODERN_VERSION}"`;

/**
 * The text of one request. `paramsText` is spliced in as it stands: what was digested is what is sent (P3). Where progress
 * is wanted, the request's own id is its token, so that no token of an agent's ever reaches an upstream.
 * `capabilities`: JSON text of what the server is told that its client can be asked (2026-07-28).
 */
export function frameRequest(
  generation: Generation,
  id: number,
  {
    method,
    paramsText,
    onProgress,
    logLevel,
  }: Pick<Call, 'method' | 'paramsText' | 'onProgress' | 'logLevel'>,
  capabilities = '{}',
): string {
  const token = onProgress === undefined ? '' : `"progressToken":${id}`;
  let meta = token;
  if (generation === '2026') {
    meta = CAPABILITIES + capabilities + ABOUT_US + (token === '' ? '' : `,${token}`);
    if (logLevel !== undefined) meta += `,"io.modelcontextprotocol/logLevel":"${logLevel}"`;
  }
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${withMeta(paramsText, meta)}}`;
}

export function frameNotification(generation: Generation, method: string, paramsText: string): string {
  const meta = generation === '2026' ? `${CAPABILITIES}{}${ABOUT_US}` : '';
  return `{"jsonrpc":"2.0","method":"${method}","params":${withMeta(paramsText, meta)}}`;
}

function withMeta(paramsText: string, meta: string): string {
  if (meta === '') return paramsText;
  return paramsText === '{}' ? `{"_meta":{${meta}}}` : `{"_meta":{${meta}},${paramsText.slice(1)}`;
}

/** `params` of an order: the arguments' own text in a fixed frame. */
export function paramsOf(order: Order): string {
  const text = order.argumentsText;
  if (!text.startsWith('{') || !text.endsWith('}')) throw new Error('an order carries no JSON object');
  const input = inputOf(order);
  if (order.method !== 'tools/call' && order.method !== 'prompts/get')
    return input === '' ? text : `${text.slice(0, -1)}${input}}`;
  return `{"arguments":${text},"name":${JSON.stringify(order.name)}${input}}`;
}

/** What a paused call goes on with: never among empty params, which name something at least. */
function inputOf({ input }: Order): string {
  if (input === undefined) return '';
  const { responsesText, state } = input;
  const responses = responsesText === '{}' ? '' : `,"inputResponses":${responsesText}`;
  return state === null ? responses : `${responses},"requestState":${JSON.stringify(state)}`;
}

export function cancelParams(id: number, reason: string): string {
  return `{"reason":${JSON.stringify(reason)},"requestId":${id}}`;
}

/** `params` of a progress notification as it is passed on: without the token, which is ours. */
export function progressParams(params: JsonObject): JsonObject | null {
  const { progressToken: _token, _meta, ...rest } = params;
  return typeof rest['progress'] === 'number' ? rest : null;
}
