import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Action, ActionMethod, Attempt } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import { decide } from '../pipeline/decide.ts';
import type { InForce } from '../pipeline/in-force.ts';
import { prepare } from '../pipeline/prepare.ts';
import { recordDecision } from '../pipeline/recorded.ts';
import type { DecidingRooms } from '../pipeline/rooms.ts';
import type { House } from './house.ts';

/**
 * One AuthZEN 1.0 evaluation → `{decision, context}`. Executes nothing. The decision is the corridor's own: the same
 * preparation, the same rules; `context` says code, rules and reason. What is malformed is `decision: false` as well.
 */
export function decideRequest(rooms: DecidingRooms, inForce: InForce, request: Json): DecidedRequest {
  const attempt = attemptOf(request);
  if (typeof attempt === 'string') return { answer: no('BAD_PARAMS', attempt) };
  const prepared = prepare(rooms, inForce, attempt, '2026');
  if (prepared.kind === 'refused') return { answer: no(prepared.problem.code, prepared.problem.sentence) };
  const differing = differsFrom(request, prepared.action.targets);
  if (differing !== null) return { answer: no('BAD_PARAMS', differing) };
  const decision = decide(rooms, inForce, prepared);
  const { code, rules, reason, reviews } = decision;
  const context = {
    code: code ?? null,
    rules,
    reason,
    ...(reviews.length === 0 ? {} : { reviews: reviews.map((review) => review.who) }),
  };
  return {
    answer: { decision: decision.decision === 'allow', context },
    decided: { action: prepared.action, decision },
  };
}

/** The same, recorded as a decision that was asked for. */
export async function recordRequest(house: House, request: Json): Promise<JsonObject> {
  const inForce = house.standing.inForce;
  const { answer, decided } = decideRequest(house.rooms, inForce, request);
  if (decided === undefined) return answer;
  await recordDecision(house.rooms, decided.action, decided.decision, inForce);
  return { ...answer, context: { ...(answer['context'] as JsonObject), action: decided.action.id } };
}

export interface DecidedRequest {
  readonly answer: JsonObject;
  /** Absent where the request was refused before it became an action. */
  readonly decided?: { readonly action: Action; readonly decision: Decision };
}

function no(code: string, reason: string): JsonObject {
  return { decision: false, context: { code, rules: [], reason } };
}

const OPERATION = /^mcp:([a-z][a-z0-9-]{0,31})\/(.+)$/;

/** The attempt that a request is about; a sentence where it is none. */
function attemptOf(request: Json): Attempt | string {
  if (!isJsonObject(request)) return 'the request is no object';
  const { subject, action, context } = request;
  if (!isJsonObject(subject) || subject['type'] !== 'Agent' || typeof subject['id'] !== 'string') {
    return 'subject must be {"type":"Agent","id":…}';
  }
  if (!isJsonObject(action) || typeof action['name'] !== 'string') return 'action must be {"name":…}';
  const [, upstream, leaf] = OPERATION.exec(action['name']) ?? [];
  if (upstream === undefined || leaf === undefined)
    return 'action.name must be an operation such as mcp:files/read_file';
  const input = isJsonObject(context) ? (context['input'] ?? {}) : {};
  if (!isJsonObject(input)) return 'context.input must be an object';
  const method: ActionMethod = leaf === 'resources/read' || leaf === 'prompts/get' ? leaf : 'tools/call';
  const session =
    isJsonObject(context) && typeof context['session'] === 'string' ? context['session'] : 'check';
  const name =
    method === 'tools/call' ? leaf : String(input[method === 'resources/read' ? 'uri' : 'name'] ?? '');
  const args = method === 'prompts/get' && isJsonObject(input['arguments']) ? input['arguments'] : input;
  return {
    agent: subject['id'],
    session,
    token: null,
    door: 'check',
    upstream,
    method,
    name,
    arguments: args,
  };
}

/** Where the catalog derives the target from the arguments, those are decided on, and another `resource` is refused. */
function differsFrom(
  request: Json,
  targets: readonly { readonly type: string; readonly id: string }[],
): string | null {
  const resource = isJsonObject(request) ? request['resource'] : undefined;
  if (!isJsonObject(resource) || resource['type'] === undefined) return null;
  const known = targets.some((target) => target.type === resource['type'] && target.id === resource['id']);
  if (known || targets.some((target) => target.type === 'Target')) return null;
  return `the arguments are about ${targets.map((target) => `${target.type} ${target.id}`).join(', ')}, not about the resource named`;
}
