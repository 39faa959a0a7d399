import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Attempt } from '../model/action.ts';
import { badParams } from './bad-params.ts';
import { hasControl, isCallerName, reservedKey } from './given-text.ts';

type Texts = Readonly<Record<string, string>>;

/** What a `completion/complete` asks: which argument of what, begun how, and what the other arguments are. */
interface CompletionParams {
  readonly ref: { readonly type: 'ref/prompt'; readonly name: string } | ResourceRef;
  readonly argument: { readonly name: string; readonly value: string };
  readonly others: Texts;
}
type ResourceRef = { readonly type: 'ref/resource'; readonly uri: string };

/**
 * Reads the params of `completion/complete` as an attempt at the prompt or resource that it completes: a prompt with the
 * arguments known so far, a resource under its template with the variables known so far put in as they are. What is sent
 * is put together anew from what was read. `name` is the prompt's at its upstream, where the door took a prefix off it.
 */
export function readCompletion(
  params: JsonObject,
  name?: string,
): Result<Pick<Attempt, 'method' | 'name' | 'arguments' | 'sentAs'>, Problem> {
  const read = readParams(params, name);
  if (!read.ok) return read;
  const { ref, argument, others } = read.value;
  const known: Record<string, string> = {};
  for (const [key, value] of Object.entries(others)) setKey(known, key, value);
  setKey(known, argument.name, argument.value);
  const reserved = reservedKey(known);
  if (reserved !== null) return err(problem('RESERVED_KEY', { key: reserved }));
  const context = Object.keys(others).length === 0 ? {} : { context: { arguments: others } };
  const sentAs = { method: 'completion/complete', params: { ref, argument, ...context } } as const;
  if (ref.type === 'ref/prompt')
    return ok({ method: 'prompts/get', name: ref.name, arguments: known, sentAs });
  const uri = expandKnown(ref.uri, known);
  if (uri === null || uri.length > LIMITS.uriLength || hasControl(uri))
    return badParams('"ref.uri" comes out as no URI');
  return ok({ method: 'resources/read', name: uri, arguments: { uri }, sentAs });
}

function readParams(params: JsonObject, name: string | undefined): Result<CompletionParams, Problem> {
  const ref = readRef(params['ref'], name);
  if (!ref.ok) return ref;
  const { argument, context = {} } = params;
  if (!isJsonObject(argument) || !holdsOnly(argument, ['name', 'value']))
    return badParams('"argument" is no object of "name" and "value"');
  const { name: argumentName, value } = argument;
  if (!isCallerName(argumentName) || typeof value !== 'string')
    return badParams('"argument.name" and "argument.value" must be strings');
  if (!isJsonObject(context) || !holdsOnly(context, ['arguments']))
    return badParams('"context" is no object of "arguments"');
  const { arguments: others = {} } = context;
  if (!isTexts(others)) return badParams('"context.arguments" is no object of strings');
  return ok({ ref: ref.value, argument: { name: argumentName, value }, others });
}

function readRef(ref: Json | undefined, name: string | undefined): Result<CompletionParams['ref'], Problem> {
  if (!isJsonObject(ref)) return badParams('"ref" is no object');
  if (ref['type'] === 'ref/prompt' && holdsOnly(ref, ['type', 'name', 'title'])) {
    const given = ref['name'];
    return isCallerName(given)
      ? ok({ type: 'ref/prompt', name: name ?? given })
      : badParams('"ref.name" is no name');
  }
  if (ref['type'] === 'ref/resource' && holdsOnly(ref, ['type', 'uri'])) {
    const { uri } = ref;
    if (typeof uri === 'string' && uri !== '' && uri.length <= LIMITS.uriLength && !hasControl(uri))
      return ok({ type: 'ref/resource', uri });
    return badParams('"ref.uri" is no URI or template of one');
  }
  return badParams('"ref" is neither a "ref/prompt" with a "name" nor a "ref/resource" with a "uri"');
}

const EXPRESSION = /\{([+#./;?&]?)([A-Za-z0-9_.%,*:]+)\}/g;

/**
 * Puts the known values into a template, unencoded: a server may do the same, and what it would then reach is what has to be
 * decided. An expression stays as it is where none of its variables is known. Null where one value alone is longer than any
 * address may be: a template may name it hundreds of times.
 */
function expandKnown(template: string, known: Texts): string | null {
  if (Object.values(known).some((value) => value.length > LIMITS.uriLength)) return null;
  return template.replace(EXPRESSION, (whole, operator: string, list: string) => {
    const names = list.split(',').map((one) => one.replace(/\*$|:\d+$/, ''));
    const found = names.filter((one) => Object.hasOwn(known, one));
    if (found.length === 0) return whole;
    const isNamed = operator === '?' || operator === '&' || operator === ';';
    const parts = found.map((one) => (isNamed ? `${one}=${known[one]}` : (known[one] ?? '')));
    const between =
      operator === '?' ? '&' : operator === '' || operator === '+' || operator === '#' ? ',' : operator;
    return (operator === '+' ? '' : operator) + parts.join(between);
  });
}

function holdsOnly(object: JsonObject, names: readonly string[]): boolean {
  return Object.keys(object).every((key) => names.includes(key));
}

function isTexts(value: Json): value is Texts {
  return isJsonObject(value) && Object.values(value).every((one) => typeof one === 'string');
}
