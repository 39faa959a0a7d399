import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ActionMethod, Attempt, TargetRef } from '../model/action.ts';
import type { Outcome } from '../model/outcome.ts';
import { isCallerName } from './given-text.ts';
import { readAttempt } from './mcp.ts';

/** One question of AuthZEN 1.0, "May this agent do that to this?", as an attempt that is not bound to a caller yet. */
export interface Evaluation {
  /** Of `subject`; whether its caller speaks for it is the door's to know. */
  readonly agent: string;
  /** What the caller calls its session. */
  readonly session?: string;
  readonly attempt: Pick<Attempt, 'upstream' | 'method' | 'name' | 'arguments'>;
  /** The target, as the caller names it: one of those that the arguments name. Where they name none, this one. */
  readonly resource: TargetRef;
}

/**
 * Reads one evaluation request (AuthZEN 1.0, "Access Evaluation API Request"). A missing or mistyped required member is
 * refused; unknown ones are ignored, as the standard has it ("receivers MUST ignore unknown fields"), and so are
 * `properties`, which no rule can name. What would set `context.system` is refused by name, though nothing here could.
 */
export function readEvaluation(request: Json): Result<Evaluation, Problem> {
  if (!isJsonObject(request)) return bad('it is no object');
  const system = systemMember(request) ?? systemMember(request['context']);
  if (system !== null) return err(problem('SYSTEM_CONTEXT', { key: system }));
  const agent = readAgent(request['subject']);
  if (!agent.ok) return agent;
  const resource = readResource(request['resource']);
  if (!resource.ok) return resource;
  const context = request['context'] ?? NOTHING;
  if (request['context'] === null || !isJsonObject(context)) return bad('"context" is no object');
  const attempt = readAction(request['action'], context['input'] ?? NOTHING);
  if (!attempt.ok) return attempt;
  const session = context['session'];
  if (session === undefined)
    return ok({ agent: agent.value, attempt: attempt.value, resource: resource.value });
  if (!isCallerName(session))
    return bad(`"context.session" is no name of 1 to ${LIMITS.callerNameLength} characters`);
  return ok({ agent: agent.value, session, attempt: attempt.value, resource: resource.value });
}

const NOTHING: JsonObject = Object.freeze({});

/** Subject, resource and action may each have `properties`, an object (AuthZEN 1.0, "Information Model"). */
function readEntity(value: Json | undefined, name: string): Result<JsonObject, Problem> {
  if (value === undefined) return bad(`"${name}" is missing`);
  if (!isJsonObject(value)) return bad(`"${name}" is no object`);
  const { properties } = value;
  if (properties !== undefined && !isJsonObject(properties)) return bad(`"${name}.properties" is no object`);
  return ok(value);
}

function readAgent(value: Json | undefined): Result<string, Problem> {
  const subject = readEntity(value, 'subject');
  if (!subject.ok) return subject;
  const { type, id } = subject.value;
  if (type !== 'Agent') return bad('"subject.type" is not "Agent"');
  return typeof id === 'string' ? ok(id) : bad('"subject.id" is no string');
}

function readResource(value: Json | undefined): Result<TargetRef, Problem> {
  const resource = readEntity(value, 'resource');
  if (!resource.ok) return resource;
  const { type, id } = resource.value;
  if (typeof type !== 'string') return bad('"resource.type" is no string');
  if (typeof id !== 'string') return bad('"resource.id" is no string');
  return ok({ type, id });
}

const OPERATION = /^mcp:([a-z][a-z0-9-]{0,31})\/(.+)$/s;

/** The same reading as a call at the MCP door has: names, reserved keys and all. */
function readAction(value: Json | undefined, input: Json): Result<Evaluation['attempt'], Problem> {
  const action = readEntity(value, 'action');
  if (!action.ok) return action;
  const operation = action.value['name'];
  if (typeof operation !== 'string') return bad('"action.name" is no string');
  if (!isJsonObject(input)) return bad('"context.input" is no object');
  const [, upstream, leaf] = OPERATION.exec(operation) ?? [];
  if (upstream === undefined || leaf === undefined)
    return bad('"action.name" is no operation such as mcp:files/read_file');
  const method: ActionMethod = leaf === 'resources/read' || leaf === 'prompts/get' ? leaf : 'tools/call';
  const params = method === 'tools/call' ? { name: leaf, arguments: input } : input;
  const where = { agent: '', session: '', token: null, door: 'check', upstream } as const;
  const read = readAttempt({ kind: 'request', id: 0, method, params, meta: NOTHING }, where);
  if (!read.ok) return read;
  const { name, arguments: args } = read.value;
  return ok({ upstream, method, name, arguments: args });
}

/**
 * The member by which somebody may hope to set what only Lanyard sets, or null: `system`, `System`, `context.system`,
 * `ｓｙｓｔｅｍ.now` … `system_prompt` is another word.
 */
function systemMember(value: Json | undefined): string | null {
  if (!isJsonObject(value)) return null;
  for (const key of Object.keys(value)) {
    const words = key
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[\p{Cf}\p{Mn}]/gu, '')
      .split(/[^\p{L}\p{N}_-]+/u)
      .filter((word) => word !== '');
    if (words[words[0] === 'context' ? 1 : 0] === 'system') return key;
  }
  return null;
}

export const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type Semantic = (typeof SEMANTICS)[number];

export interface Evaluations {
  readonly semantic: Semantic;
  /** Each with the request's defaults merged in. They are not checked yet: what is wrong with one is found when it is read. */
  readonly items: readonly JsonObject[];
}

const MERGED = ['subject', 'action', 'resource', 'context'] as const;

/**
 * Reads an evaluations request. Null where it holds none: it is then a single evaluation (AuthZEN 1.0, "If an
 * `evaluations` array is NOT present or is empty"). Refused is what is wrong with the whole; a member of an item takes
 * the place of the default of that name as it stands, nothing is merged within it.
 */
export function readEvaluations(request: Json): Result<Evaluations | null, Problem> {
  if (!isJsonObject(request)) return bad('it is no object');
  const { evaluations, options } = request;
  if (evaluations !== undefined && !Array.isArray(evaluations)) return bad('"evaluations" is no array');
  const semantic = readSemantic(options);
  if (!semantic.ok) return semantic;
  const list: readonly Json[] = evaluations ?? [];
  if (list.length === 0) return ok(null);
  const most = LIMITS.evaluationsPerRequest;
  if (list.length > most) return err(problem('TOO_MANY_EVALUATIONS', { limit: most }));
  const system = systemMember(request) ?? systemMember(request['context']);
  if (system !== null) return err(problem('SYSTEM_CONTEXT', { key: system }));
  const items: JsonObject[] = [];
  for (const [i, item] of list.entries()) {
    if (!isJsonObject(item)) return bad(`"evaluations[${i}]" is no object`);
    items.push(mergeDefaults(request, item));
  }
  return ok({ semantic: semantic.value, items });
}

/** The item's other members stay, for whoever reads it to refuse what would set `context.system`. */
function mergeDefaults(request: JsonObject, item: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...item };
  for (const name of MERGED) {
    const value = Object.hasOwn(item, name) ? item[name] : request[name];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function readSemantic(options: Json | undefined): Result<Semantic, Problem> {
  if (options === undefined) return ok('execute_all');
  if (!isJsonObject(options)) return bad('"options" is no object');
  const named = options['evaluations_semantic'];
  if (named === undefined) return ok('execute_all');
  const semantic = SEMANTICS.find((known) => known === named);
  return semantic === undefined
    ? bad(`"options.evaluations_semantic" is none of ${SEMANTICS.join(', ')}`)
    : ok(semantic);
}

/** What somebody tells of an action that it did itself. */
interface Report {
  readonly action: string;
  readonly outcome: Outcome['outcome'];
}

const OUTCOMES = ['ok', 'failed', 'aborted', 'unknown'] as const;

/** Reads `{"action","outcome"}`; other members are ignored, as in every body at this door. */
export function readReport(request: Json): Result<Report, Problem> {
  if (!isJsonObject(request)) return bad('it is no object');
  const { action, outcome } = request;
  if (!isCallerName(action)) return bad('"action" is no id of an action');
  const known = OUTCOMES.find((one) => one === outcome);
  return known === undefined
    ? bad(`"outcome" is none of ${OUTCOMES.join(', ')}`)
    : ok({ action, outcome: known });
}

function bad(what: string): Result<never, Problem> {
  return err(problem('BAD_REQUEST', { what }));
}
