import { ERRORS, type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { marksOf } from '../../catalog/entry.ts';
import { namesTarget, saidTarget } from '../../catalog/targets/named-resource.ts';
import { derivesTargets, type ResolvedTargets, resolveTargets } from '../../catalog/targets/targets.ts';
import {
  type Action,
  type Attempt,
  CONNECT,
  completedTemplate,
  leafOf,
  operationOf,
  type Target,
  type TargetRef,
} from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import { isAskMethod } from '../../model/ask.ts';
import type { Mark } from '../../model/mark.ts';
import { prepareAsk } from '../asks/prepare-ask.ts';
import type { InForce, UpstreamInForce } from '../in-force.ts';
import type { Generation } from '../ports/call.ts';
import type { DecidingRooms } from '../rooms.ts';
import { actionOf } from './action.ts';
import { prepareConnect } from './connect.ts';

export interface Prepared {
  readonly kind: 'ready';
  readonly agent: Agent;
  readonly action: Action;
  /** Undeclared arguments that the schema lets through on purpose. */
  readonly extra: JsonObject;
  /** Found before any rule was asked: this action can only be denied, for this reason. */
  readonly blocked: Problem | null;
  /** The first target is only what the caller says; the last is the upstream as a whole, so that rules can forbid by that too. */
  readonly said?: true;
  /** What its answer would mark the session with. */
  readonly brings: readonly Mark[];
}

export interface Refused {
  readonly kind: 'refused';
  readonly problem: Problem;
}

/**
 * From an attempt to an action: what is it, exactly, and to what would it be done? Refuses what is unknown or does not
 * fit its schema; what is known but may not be trusted (changed, unseen, targets that cannot be told) becomes an action
 * that is denied and recorded.
 */
export function prepare(
  rooms: DecidingRooms,
  inForce: InForce,
  attempt: Attempt,
  generation: Generation,
): Prepared | Refused {
  const agent = inForce.agents.get(attempt.agent);
  if (agent === undefined) return { kind: 'refused', problem: problem('TOKEN_REFUSED') };
  if (attempt.method === CONNECT) return prepareConnect(rooms, inForce, agent, attempt);
  const upstream = inForce.upstreams.get(attempt.upstream);
  if (upstream === undefined)
    return { kind: 'refused', problem: problem('UNKNOWN_UPSTREAM', { name: attempt.upstream }) };

  if (isAskMethod(attempt.method)) return prepareAsk(rooms, agent, upstream, attempt, attempt.method);
  const known = lookUp(rooms, attempt, rooms.pins.generationFor(attempt.upstream, generation));
  if (!known.ok) return { kind: 'refused', problem: known.error };
  const { pin, extra } = known.value;
  let { blocked } = known.value;

  const entry = upstream.entryOf(leafOf(attempt));
  const resolved = resolveTargets(entry, attempt, upstream.place, rooms.files);
  let said: Target | null = null;
  if (!resolved.ok && ERRORS[resolved.error.code].kind === 'refuse')
    return { kind: 'refused', problem: resolved.error };
  if (!resolved.ok) blocked ??= resolved.error;
  else if (attempt.resource !== undefined) {
    const { resource } = attempt;
    const named = namesTarget(resource, resolved.value.targets, upstream.place, rooms.files);
    if (!named && !derivesTargets(entry))
      said = saidTarget(resource, (id) => inForce.upstreams.has(id), upstream.place, rooms.files);
    if (!named && said === null)
      return { kind: 'refused', problem: differs(attempt, resource, resolved.value.targets) };
  }
  const { targets, arguments: args } = resolved.ok
    ? withSaid(resolved.value, said)
    : unresolved(upstream, attempt);
  const clean = (text: string) => rooms.redactor.redact(rooms.scrubber.scrub(text));
  const whole = { owner: agent.owner, pin, targets, arguments: args };
  const action = actionOf(rooms.ids(), attempt, whole, clean);
  // A version that is read for a question is compared and goes no further, so the session has not read it.
  const brings = attempt.during === undefined ? marksOf(entry) : [];
  const ready = { kind: 'ready', agent, action, extra, blocked, brings } as const;
  return said === null ? ready : { ...ready, said: true };
}

/** The target that the caller names comes first. The upstream as a whole stays a target, so that a stop of it still holds. */
function withSaid(resolved: ResolvedTargets, said: Target | null): ResolvedTargets {
  return said === null ? resolved : { ...resolved, targets: [said, ...resolved.targets] };
}

function differs(attempt: Attempt, resource: TargetRef, targets: readonly TargetRef[]): Problem {
  const named = ({ type, id }: TargetRef) => `${type} ${id}`;
  return problem('RESOURCE_DIFFERS', {
    operation: operationOf(attempt),
    targets: targets.map(named).join(', '),
    resource: named(resource),
  });
}

/** A denied action whose targets cannot be told is recorded against the upstream as a whole, as the agent said it. */
function unresolved(upstream: UpstreamInForce, attempt: Attempt) {
  const target = { type: 'Target', id: upstream.id, ancestors: [], attributes: { id: upstream.id } };
  return { targets: [target], arguments: attempt.arguments };
}

interface Known {
  readonly pin: string | null;
  readonly extra: JsonObject;
  readonly blocked: Problem | null;
}

function lookUp(rooms: DecidingRooms, attempt: Attempt, generation: Generation): Result<Known, Problem> {
  if (attempt.method === 'resources/read') {
    if (rooms.pins.listed(attempt.upstream, generation) === null)
      return ok({ pin: null, extra: {}, blocked: unavailable(attempt) });
    return ok({ extra: {}, ...lookUpTemplate(rooms, attempt, generation) });
  }
  const kind = attempt.method === 'tools/call' ? 'tool' : 'prompt';
  const standing = rooms.pins.look(attempt.upstream, generation, kind, attempt.name);
  switch (standing.status) {
    case 'absent':
      return err(problem('UNKNOWN_OPERATION', { what: kind, name: attempt.name }));
    case 'unseen':
      return ok({ pin: null, extra: {}, blocked: unavailable(attempt) });
    case 'changed':
    case 'twice':
      return ok({ pin: null, extra: {}, blocked: notAsPinned(attempt, kind, standing.status) });
    case 'pinned': {
      const { definition } = standing;
      if (kind === 'prompt') return ok({ pin: definition.digest, extra: {}, blocked: null });
      const check = definition.check();
      if (!check.ok) return err(check.error);
      const checked = check.value.check(attempt.arguments);
      if (checked.ok) return ok({ pin: definition.digest, extra: checked.value.extra, blocked: null });
      return err(problem('ARGUMENTS_INVALID', { operation: operationOf(attempt), what: checked.error }));
    }
  }
}

/** A template that is completed was listed, so it is pinned; a resource that is read, or completed by its own URI, is not. */
function lookUpTemplate(
  { pins }: DecidingRooms,
  attempt: Attempt,
  generation: Generation,
): Pick<Known, 'pin' | 'blocked'> {
  const template = completedTemplate(attempt);
  if (template === null) return { pin: null, blocked: null };
  const standing = pins.look(attempt.upstream, generation, 'template', template);
  if (standing.status === 'pinned') return { pin: standing.definition.digest, blocked: null };
  const { status } = standing;
  const isOther = status === 'changed' || status === 'twice';
  return { pin: null, blocked: isOther ? notAsPinned(attempt, 'template', status) : null };
}

function notAsPinned(attempt: Attempt, what: string, status: 'changed' | 'twice'): Problem {
  return status === 'twice'
    ? problem('LISTED_TWICE', { upstream: attempt.upstream, what })
    : problem('PIN_CHANGED', { operation: operationOf(attempt) });
}

function unavailable(attempt: Attempt): Problem {
  return problem('UPSTREAM_UNAVAILABLE', { upstream: attempt.upstream });
}
