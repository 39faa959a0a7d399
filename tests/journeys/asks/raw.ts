import type { JsonObject } from '../../../src/base/json.ts';
import type { GovernedInstance } from '../instance.ts';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {}, url: {} }, sampling: {} },
};

export interface Given {
  readonly upstream?: string;
  readonly token?: string;
  readonly name?: string;
  readonly args?: JsonObject;
  readonly state?: string;
  readonly responses?: JsonObject;
  readonly meta?: JsonObject;
  /** In place of `tools/call`: the method, what `Mcp-Name` says, and the params. */
  readonly other?: readonly [string, string, JsonObject];
  /** Where Lanyard is, after a second start. */
  readonly at?: string;
}

export interface RawAnswer {
  readonly result: JsonObject;
  /** Of a refusal. */
  readonly code: unknown;
  readonly error: JsonObject | undefined;
}

let ids = 0;
/** One request of 2026-07-28 as it stands, so that a state can be sent where no client would send it. */
export async function callRaw(instance: GovernedInstance, given: Given): Promise<RawAnswer> {
  const { upstream = '', token = instance.token, name = '', args = {} } = given;
  const { state, responses, meta = {}, at = instance.url } = given;
  const [method, named, own] = given.other ?? ['tools/call', name, { name, arguments: args }];
  const params = {
    ...own,
    _meta: { ...META, ...meta },
    ...(state === undefined ? {} : { requestState: state }),
    ...(responses === undefined ? {} : { inputResponses: responses }),
  };
  const response = await fetch(`${at}/mcp/${upstream}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': named,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++ids, method, params }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
  const { result, error } = JSON.parse(json) as { result?: JsonObject; error?: JsonObject };
  return { result: result ?? {}, code: (error?.['data'] as JsonObject | undefined)?.['code'], error };
}
