import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import type { Entry } from '../../../src/contract/log-entry.ts';
import type { EventGround } from '../../events/ground.ts';

export const EVERYTHING = `@id("everything") @need("What is denied here is not what these tests are about")
permit (principal, action, resource);
`;

/** The tools of both fixtures. */
export const TOOLS = [
  ...['bake', 'roast', 'burn', 'forever', 'ask'],
  ...['greet', 'slow_compute', 'failing_job', 'protocol_error_job', 'confirm_delete', 'multi_input'],
];

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
};
/** A client of 2026-07-28 that knows tasks and can be asked; no SDK has the extension yet. */
export const KNOWS = { elicitation: { form: {} }, extensions: { 'io.modelcontextprotocol/tasks': {} } };

export interface Replied {
  readonly status: number;
  readonly result: JsonObject;
  readonly error: JsonObject;
  /** Ours, in the error's data. */
  readonly code: unknown;
}

let ids = 0;

/** One request of 2026-07-28 as it stands. */
export async function raw(
  at: { readonly url: string; readonly token: string; readonly upstream?: string | null },
  method: string,
  params: JsonObject,
  capabilities: JsonObject = KNOWS,
): Promise<Replied> {
  const { url, token, upstream = 'modern' } = at;
  const named = params['name'] ?? params['taskId'];
  const response = await fetch(`${url}/mcp${upstream === null ? '' : `/${upstream}`}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof named === 'string' ? { 'mcp-name': named } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: ++ids,
      method,
      params: {
        ...params,
        _meta: { ...META, 'io.modelcontextprotocol/clientCapabilities': capabilities },
      },
    }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
  const { result = {}, error = {} } = JSON.parse(json) as { result?: JsonObject; error?: JsonObject };
  const data = error['data'];
  return { status: response.status, result, error, code: isJsonObject(data) ? data['code'] : undefined };
}

/** Asks again until what comes is what is waited for; a test that waits in vain ends by its own time. */
export async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The entries of one action, in the order of the log. */
export async function entriesOf(ground: EventGround, action: string): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const page of ground.instance.house.store.find({ action }))
    for (const row of page) found.push(JSON.parse(row.text) as Entry);
  return found;
}

/** The newest action on this operation, with its entries. */
export async function latest(ground: EventGround, operation: string): Promise<readonly Entry[]> {
  let action = '';
  for await (const page of ground.instance.house.store.find({ kinds: ['action.decided'] }))
    for (const row of page) {
      const entry = JSON.parse(row.text) as Entry;
      if (entry.operation === operation) action = entry.action ?? '';
    }
  return entriesOf(ground, action);
}

/** A client of SDK 1.x, whose person answers "Ada", and what reached that person. */
export async function olderClient(
  ground: EventGround,
  upstream: string,
): Promise<{ readonly client: OlderClient; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const client = new OlderClient(
    { name: 'older', version: '1' },
    { capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler(ElicitRequestSchema, (request) => {
    asked.push(request.params);
    return { action: 'accept', content: { name: 'Ada' } };
  });
  const transport = new OlderHttp(new URL(`${ground.instance.url}/mcp/${upstream}`), {
    requestInit: { headers: { authorization: `Bearer ${ground.token}` } },
  });
  await client.connect(transport as Parameters<OlderClient['connect']>[0]);
  await client.listTools();
  return { client, asked };
}
