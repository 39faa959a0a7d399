import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { META } from '../../contract/mcp-meta.ts';

/** What an agent was answered. */
export interface Said {
  /** `ok` passed; `denied` decided so; `refused` before any decision; `failed` began and went wrong; `nothing` came. */
  readonly kind: 'ok' | 'denied' | 'refused' | 'failed' | 'nothing';
  /** Our code, where there is one. */
  readonly code: string;
  readonly status: number;
  /** All of it, for what must not be in it. */
  readonly text: string;
  readonly result?: JsonObject;
  readonly decision?: JsonObject;
}

/** Reads an HTTP body or a line; an event stream's last message counts. */
export function readSaid({ status, text }: { readonly status: number; readonly text: string }): Said {
  const message = messageOf(text);
  const base = { status, text };
  if (message === null) return { ...base, kind: 'nothing', code: '' };
  const { result, error } = message;
  if (isJsonObject(result)) return readResult(base, result);
  const about = isJsonObject(error) ? error : message;
  const data = isJsonObject(about['data']) ? about['data'] : about;
  const decision = data[META.decision];
  if (isJsonObject(decision)) return { ...base, kind: 'denied', code: String(decision['code']), decision };
  const outcome = data[META.outcome];
  if (isJsonObject(outcome)) return { ...base, kind: 'failed', code: String(outcome['code']) };
  const code = typeof data['code'] === 'string' ? data['code'] : '';
  return { ...base, kind: code === '' ? 'failed' : 'refused', code };
}

function readResult(base: { status: number; text: string }, result: JsonObject): Said {
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const decision = meta[META.decision];
  if (isJsonObject(decision))
    return { ...base, kind: 'denied', code: String(decision['code']), result, decision };
  const outcome = meta[META.outcome];
  if (isJsonObject(outcome)) return { ...base, kind: 'failed', code: String(outcome['code']), result };
  return { ...base, kind: result['isError'] === true ? 'failed' : 'ok', code: '', result };
}

function messageOf(text: string): JsonObject | null {
  const data = text.startsWith('{') ? text : (/^data: (.*)$/gm.exec(text)?.[1] ?? '');
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a line answers the request with the id 1. */
export function isDone(line: string): boolean {
  const message = messageOf(line);
  return message !== null && message['id'] === 1;
}

/** In words, for a person. */
export function wordsOf({ kind, code, status }: Said): string {
  switch (kind) {
    case 'ok':
      return 'it passed';
    case 'denied':
      return `denied (${code})`;
    case 'refused':
      return `refused (${code}, HTTP ${status})`;
    case 'failed':
      return `failed${code === '' ? '' : ` (${code})`}`;
    case 'nothing':
      return `no answer that can be read (HTTP ${status})`;
  }
}
