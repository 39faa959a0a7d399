import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';

/** One span to be told: what OpenTelemetry needs to know of an action, or of something that happened to the instance. */
export interface SpanOf {
  readonly name: string;
  readonly kind: 'server' | 'internal';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | string[]>>;
  /** Why it counts as an error; absent where it does not. */
  readonly error?: string;
}

/**
 * Makes spans of entries, by the GenAI and MCP conventions: one for each action, from its decision to its outcome (at
 * once for a denial), and one without length for each stop, release, change and the like. No argument, result, target,
 * stated reason or person is in any of them.
 */
export class Spans {
  /** Allowed actions without an outcome; the oldest go first. */
  readonly #open = new Map<string, Entry>();

  /** The span that an entry completes; null where it completes none. */
  see(entry: Entry): SpanOf | null {
    const { kind, action = '' } = entry;
    if (kind === 'action.decided') {
      if (entry.decision !== 'allow') return actionSpan(entry, entry);
      this.#open.set(action, entry);
      if (this.#open.size > LIMITS.openSpans) this.#open.delete(this.#open.keys().next().value ?? '');
      return null;
    }
    if (kind === 'action.outcome') {
      const decided = this.#open.get(action);
      this.#open.delete(action);
      return actionSpan(decided ?? entry, entry);
    }
    return kind.startsWith('action.') ? null : eventSpan(entry);
  }
}

function actionSpan(decided: Entry, end: Entry): SpanOf {
  const { operation = '', action = '', agent = '', session = '', rules = [] } = decided;
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
  const isTool = leaf !== 'resources/read' && leaf !== 'prompts/get';
  const method = isTool ? 'tools/call' : leaf;
  const target = isTool ? leaf : String(decided['name'] ?? '');
  const ended = end.outcome ?? end.decision ?? '';
  const error = ended === 'ok' ? undefined : (end.code ?? ended);
  return {
    name: target === '' ? method : `${method} ${target}`,
    kind: 'server',
    startMs: Date.parse(decided.at),
    endMs: Math.max(Date.parse(end.at), Date.parse(decided.at)),
    attributes: {
      'mcp.method.name': method,
      'gen_ai.agent.id': agent,
      'gen_ai.conversation.id': session,
      ...(isTool
        ? {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': leaf,
            'gen_ai.tool.call.id': action,
          }
        : {}),
      ...(method === 'prompts/get' ? { 'gen_ai.prompt.name': target } : {}),
      ...(error === undefined ? {} : { 'error.type': error }),
      'lanyard.action': action,
      'lanyard.upstream': upstream,
      'lanyard.decision': decided.decision ?? 'unknown',
      ...(end.outcome === undefined ? {} : { 'lanyard.outcome': end.outcome }),
      ...(decided.code === undefined ? {} : { 'lanyard.code': decided.code }),
      'lanyard.rules': [...rules],
      'lanyard.policy': decided.policy ?? '',
      'lanyard.entry': decided.seq,
    },
    ...(error === undefined ? {} : { error }),
  };
}

function eventSpan({ kind, at, seq, agent, code, scope, level, upstream }: Entry): SpanOf {
  const told = { agent, code, scope, level, upstream };
  const attributes = Object.entries(told).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`lanyard.${name}`, value] as const] : [],
  );
  const time = Date.parse(at);
  return {
    name: `lanyard ${kind}`,
    kind: 'internal',
    startMs: time,
    endMs: time,
    attributes: { ...Object.fromEntries(attributes), 'lanyard.entry': seq },
  };
}
