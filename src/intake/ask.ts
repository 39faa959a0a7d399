import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Ask, type AskMethod, isAskMethod } from '../model/ask.ts';

/**
 * What an upstream asks in the middle of a call, read anew: only members of known meaning go on, within bounds. Errors
 * are the rest of a sentence that begins with the request.
 */
export function readAsk(method: string, params: JsonObject): Result<Ask, string> {
  if (!isAskMethod(method)) return err(`has a method that is not known (${method})`);
  if (JSON.stringify(params).length > LIMITS.askLength)
    return err(`is longer than ${LIMITS.askLength} characters`);
  switch (method) {
    case 'elicitation/create':
      return readElicitation(params);
    case 'sampling/createMessage':
      return readSampling(params);
    case 'roots/list':
      return ok({ method, params: {} });
  }
}

function readElicitation(params: JsonObject): Result<Ask, string> {
  const method = 'elicitation/create';
  const { mode = 'form', message, requestedSchema, url } = params;
  if (typeof message !== 'string') return err('has no text "message"');
  if (message.length > LIMITS.askMessageLength)
    return err(`has a "message" of more than ${LIMITS.askMessageLength} characters`);
  if (mode === 'url') {
    if (typeof url !== 'string') return err('has no text "url"');
    return ok({ method, params: { mode, message, url } });
  }
  if (mode !== 'form') return err('has a "mode" that is neither "form" nor "url"');
  if (!isJsonObject(requestedSchema) || requestedSchema['type'] !== 'object')
    return err('has no "requestedSchema" of an object');
  return ok({ method, params: { mode, message, requestedSchema } });
}

const SAMPLING_TEXTS = ['systemPrompt'] as const;
const SAMPLING_OBJECTS = ['modelPreferences', 'metadata', 'toolChoice'] as const;

/** `includeContext` is left out: it asks for what the client knows from its other servers. */
function readSampling(params: JsonObject): Result<Ask, string> {
  const { messages, maxTokens, temperature, stopSequences, tools } = params;
  if (!Array.isArray(messages) || messages.some((one) => !isJsonObject(one)))
    return err('has no list "messages"');
  if (typeof maxTokens !== 'number' || !Number.isSafeInteger(maxTokens) || maxTokens < 1)
    return err('has no whole number "maxTokens"');
  const kept: Record<string, Json> = { messages, maxTokens };
  for (const key of SAMPLING_TEXTS) if (typeof params[key] === 'string') kept[key] = params[key];
  for (const key of SAMPLING_OBJECTS) if (isJsonObject(params[key])) kept[key] = params[key];
  if (typeof temperature === 'number') kept['temperature'] = temperature;
  if (Array.isArray(stopSequences) && stopSequences.every((one) => typeof one === 'string'))
    kept['stopSequences'] = stopSequences;
  if (Array.isArray(tools)) kept['tools'] = tools;
  return ok({ method: 'sampling/createMessage', params: kept });
}

/** What a client answered, read anew; what has not the shape of an answer to this is none. */
export function readAskAnswer(method: AskMethod, result: Json | undefined): Result<JsonObject, string> {
  if (!isJsonObject(result)) return err('is no object');
  switch (method) {
    case 'elicitation/create':
      return readElicited(result);
    case 'sampling/createMessage':
      return readSampled(result);
    case 'roots/list':
      return Array.isArray(result['roots']) ? ok({ roots: result['roots'] }) : err('has no list "roots"');
  }
}

function readElicited({ action, content }: JsonObject): Result<JsonObject, string> {
  if (action !== 'accept' && action !== 'decline' && action !== 'cancel')
    return err('has an "action" that is neither "accept", "decline" nor "cancel"');
  if (action !== 'accept' || content === undefined) return ok({ action });
  if (!isJsonObject(content) || !Object.values(content).every(isFormValue))
    return err('has a "content" that is no form');
  return ok({ action, content });
}

function isFormValue(value: Json): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return value === null || typeof value !== 'object';
}

function readSampled({ role, content, model, stopReason }: JsonObject): Result<JsonObject, string> {
  if (role !== 'assistant' && role !== 'user') return err('has no "role"');
  if (typeof model !== 'string') return err('has no text "model"');
  const isContent = Array.isArray(content) ? content.every(isJsonObject) : isJsonObject(content);
  if (!isContent || content === undefined) return err('has no "content"');
  return ok({ role, content, model, ...(typeof stopReason === 'string' ? { stopReason } : {}) });
}
