import type { JsonObject } from '../../base/json.ts';
import { NO_TARGET_TYPE } from '../../catalog/entry.ts';
import { ASK_METHODS, type AskMethod, type AskPermission, askKindOf } from '../../model/ask.ts';
import type { WorldOperation } from '../../policy/index.ts';
import type { UpstreamInForce } from '../in-force.ts';

const TEXT = { type: 'string' };

/** What rules can read of an ask as `context.input`; free-form members are their RFC 8785 text. */
const INPUT: Readonly<Record<AskMethod, JsonObject>> = {
  'elicitation/create': {
    type: 'object',
    properties: { mode: TEXT, message: TEXT, url: TEXT, host: TEXT, requestedSchema: {} },
    required: ['mode', 'message'],
  },
  'sampling/createMessage': {
    type: 'object',
    properties: { messages: {}, maxTokens: { type: 'integer' }, systemPrompt: TEXT, tools: {} },
    required: ['messages', 'maxTokens'],
  },
  'roots/list': { type: 'object', properties: {} },
};

/**
 * What an upstream may ask in the middle of a call, as operations that rules can name. They belong to `ask:<kind>` and
 * to no risk: `may:` is a person's word on them, and a level of `watched` holds them.
 */
export function askOperations(upstream: UpstreamInForce): WorldOperation[] {
  return ASK_METHODS.filter((method) => upstream.asks.kinds.has(askKindOf(method))).map((method) => ({
    id: `mcp:${upstream.id}/${method}`,
    upstream: upstream.id,
    kind: 'tool',
    groups: [`ask:${askKindOf(method)}`, `upstream:${upstream.id}`],
    inputSchema: INPUT[method],
    targetTypes: [NO_TARGET_TYPE],
    granted: true,
  }));
}

/** What an upstream may ask where nothing is said of it: nothing. */
export const MAY_NOTHING: AskPermission = { kinds: new Set(), hosts: [] };
