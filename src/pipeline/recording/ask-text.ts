import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { resolveUrl } from '../../catalog/targets/url.ts';
import type { Ask } from '../../model/ask.ts';

/**
 * Controls, line and paragraph separators, and what reorders or hides text (bidi controls, zero-width characters, tags):
 * what an upstream writes to a person may move no cursor and hide nothing. Line breaks and tabs stay.
 */
const UNSEEN =
  /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

const clean = (text: string): string => text.toWellFormed().replace(UNSEEN, '\ufffd');

/** Every text of it without what a person could not see. */
export function cleanTexts(value: JsonObject): JsonObject;
export function cleanTexts(value: Json): Json;
export function cleanTexts(value: Json): Json {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item: Json) => cleanTexts(item));
  if (!isJsonObject(value)) return value;
  const kept: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) setKey(kept, clean(key), cleanTexts(item));
  return kept;
}

/** A scheme is bounded: in one long word it could begin at every letter. */
const ADDRESS = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s<>"'`]*/gi;
/** Members of a schema that name a vocabulary and are shown to nobody. */
const UNSHOWN = new Set(['$schema', '$id']);

/** Every address in texts that a person is shown. */
export function addressesIn(value: Json): string[] {
  if (typeof value === 'string') return value.match(ADDRESS) ?? [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => addressesIn(item));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    UNSHOWN.has(key) ? [] : [...addressesIn(key), ...addressesIn(item)],
  );
}

/** The normal form of an address and its host, where a person may be sent there; null where not. */
export function openable(
  address: string,
  hosts: readonly string[],
): { readonly url: string; readonly host: string } | null {
  const resolved = resolveUrl(address);
  if (!resolved.ok) return null;
  const { scheme, host = '' } = resolved.value.attributes;
  if (scheme !== 'https' && scheme !== 'http') return null;
  if (!hosts.some((allowed) => isUnder(host, allowed))) return null;
  // The fragment never reaches a server, and a page can be told by it what to do; it stays as it was sent.
  return { url: new URL(address).href, host };
}

function isUnder(host: string, allowed: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed;
}

/**
 * The ask as the client is given it: who asks stands first in what a person reads, and the host of an address last. An
 * upstream cannot write before it, so it cannot speak in another name.
 */
export function labelled(upstream: string, { method, params }: Ask, host: string | undefined): JsonObject {
  const from = `[${upstream}]`;
  switch (method) {
    case 'elicitation/create': {
      const where = host === undefined ? '' : `\n\n[It would open ${host}]`;
      return { ...params, message: `${from} ${String(params['message'])}${where}` };
    }
    case 'sampling/createMessage': {
      const own = params['systemPrompt'];
      const label = `${from} This request comes from the MCP server "${upstream}", not from the user.`;
      return { ...params, systemPrompt: typeof own === 'string' ? `${label}\n\n${own}` : label };
    }
    case 'roots/list':
      return params;
  }
}
