import { problem } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AskPermission } from '../../model/ask.ts';
import { ASKED_FOR } from '../asks/prepare-ask.ts';
import type { RpcError } from '../ports/answer.ts';
import { addressesIn, cleanTexts, labelled, openable } from '../recording/ask-text.ts';

/** URLElicitationRequiredError (2025-11-25 Elicitation): addresses that a person is to open before the call is made again. */
const ADDRESSES_FIRST = -32042;

/**
 * An error that sends a person to addresses has to pass the same checks as a question to her: `may:` allows elicitation,
 * `mayOpen:` allows each address, and the upstream's name stands before its words. If one address fails, none is passed on.
 */
export function holdAddresses(upstream: string, asks: AskPermission, error: RpcError): RpcError {
  if (error.code !== ADDRESSES_FIRST) return error;
  if (!asks.kinds.has('elicitation')) return refused('ASK_NOT_ALLOWED', upstream);
  const data = isJsonObject(error.data) ? error.data : {};
  const listed = Array.isArray(data['elicitations']) ? data['elicitations'] : [];
  const elicitations: Json[] = [];
  for (const one of listed) {
    const held = isJsonObject(one) ? holdOne(upstream, asks.hosts, one) : null;
    if (held === null) return refused('ASK_ADDRESS', upstream);
    elicitations.push(held);
  }
  const stray = addressesIn(error.message).some((address) => openable(address, asks.hosts) === null);
  if (stray || elicitations.length === 0) return refused('ASK_ADDRESS', upstream);
  return { code: error.code, message: error.message, data: { elicitations } };
}

function holdOne(upstream: string, hosts: readonly string[], one: JsonObject): JsonObject | null {
  const { url, message, elicitationId } = cleanTexts(one);
  if (typeof url !== 'string' || typeof message !== 'string' || typeof elicitationId !== 'string')
    return null;
  const open = openable(url, hosts);
  if (open === null || addressesIn(message).some((address) => openable(address, hosts) === null)) return null;
  const ask = { method: 'elicitation/create', params: { mode: 'url', message, url: open.url } } as const;
  return { ...labelled(upstream, ask, open.host), elicitationId };
}

function refused(code: 'ASK_NOT_ALLOWED' | 'ASK_ADDRESS', upstream: string): RpcError {
  const address = 'the addresses of its answer';
  const { sentence } = problem(code, { upstream, what: ASKED_FOR.elicitation, address });
  return { code: -32603, message: sentence, data: { code } };
}
