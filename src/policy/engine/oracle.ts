import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalize } from '../../base/canonical.ts';
import { toInstant } from '../../base/clock.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Target } from '../../model/action.ts';
import { NO_PAST } from '../../model/past.ts';
import type { PolicySet } from '../policy-set.ts';
import { extraOf, type PolicyRequest } from '../request.ts';
import { unrepresentable } from '../schema/input.ts';
import { type RecordShape, type Shape, shapeOfInput } from '../schema/shape.ts';
import { decimalOf } from '../values/decimal.ts';
import type { World, WorldOperation } from '../world.ts';
import { type Cedar, cedar, engineSchema } from './cedar.ts';

/** What the official engine makes of a request about one target. */
export interface OracleAnswer {
  /** After our rules about errors and reviews: what `decide` must answer. */
  readonly decision: 'allow' | 'review' | 'deny';
  readonly code?: ErrorCode;
  readonly rules: readonly string[];
  /** What any other Cedar engine answers, which knows neither. */
  readonly plain: 'allow' | 'deny';
}

export interface Oracle {
  /** Throws where the engine refuses the request: then the request does not fit the schema, which is a bug. */
  decide(request: PolicyRequest, target: Target): OracleAnswer;
}

const SCHEMA = 'lanyard-oracle';
const ALL = 'lanyard-oracle';
const WITHOUT_REVIEWS = 'lanyard-oracle-relaxed';
let newest = 0;

/**
 * The official engine on the rules of a set. It keeps what it is given under a name and never forgets a name, so
 * names are used again: only the newest oracle answers.
 */
export function createOracle(set: PolicySet, world: World): Oracle {
  const generation = ++newest;
  const engine = cedar();
  succeed(engine.preparseSchema(SCHEMA, engineSchema(set.schema)));
  const texts = (wanted: (id: string) => boolean) =>
    Object.fromEntries(set.rules.filter(({ id }) => wanted(id)).map(({ id, text }) => [id, text]));
  const held = new Set(set.rules.filter((rule) => rule.annotations.review !== undefined).map(({ id }) => id));
  succeed(engine.preparsePolicySet(ALL, { staticPolicies: texts(() => true) }));
  succeed(engine.preparsePolicySet(WITHOUT_REVIEWS, { staticPolicies: texts((id) => !held.has(id)) }));
  const operations = new Map(world.operations.map((operation) => [operation.id, operation]));
  const residents = residentsOf(world);
  return {
    decide(request, target) {
      if (generation !== newest) throw new Error('a newer oracle has taken the place of this one');
      const operation = operations.get(request.operation);
      if (operation === undefined) throw new Error(`there is no operation ${request.operation}`);
      const call = callOf(request, target, operation, residents);
      const all = ask(engine, call, ALL);
      const { errors, reason } = all.diagnostics;
      const plain = all.decision;
      if (errors.length > 0)
        return { decision: 'deny', code: 'RULE_ERROR', rules: errors.map(({ policyId }) => policyId), plain };
      if (plain === 'allow') return { decision: 'allow', rules: reason, plain };
      const forbids = reason.filter((id) => !held.has(id));
      if (forbids.length > 0) return { decision: 'deny', code: 'FORBIDDEN', rules: forbids, plain };
      if (ask(engine, call, WITHOUT_REVIEWS).decision === 'deny')
        return { decision: 'deny', code: 'NO_PERMIT', rules: [], plain };
      return { decision: 'review', code: 'APPROVAL_UNAVAILABLE', rules: reason, plain };
    },
  };
}

type Call = Omit<CedarWasm.StatefulAuthorizationCall, 'preparsedPolicySetId'>;

function ask(engine: Cedar, call: Call, preparsedPolicySetId: string): CedarWasm.Response {
  const answer = engine.statefulIsAuthorized({ ...call, preparsedPolicySetId });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  return answer.response;
}

function succeed(answer: CedarWasm.CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}

function callOf(
  request: PolicyRequest,
  target: Target,
  operation: WorldOperation,
  residents: readonly CedarWasm.EntityJson[],
): Call {
  const shape = shapeOfInput(operation);
  // What a decimal cannot hold is left out; the schema may say it is always there, so it is left out as well.
  const whole = unrepresentable(shape, request.arguments).length === 0;
  const principal = { type: 'Agent', id: request.agent };
  const entities = residents.map((entity) =>
    isUid(entity.uid, principal) ? { ...entity, attrs: { ...entity.attrs, level: request.level } } : entity,
  );
  entities.push({
    uid: { type: target.type, id: target.id },
    attrs: { ...target.attributes, id: target.id },
    parents: target.ancestors.map(({ type, id }) => ({ type, id })),
  });
  const action = { type: 'Action', id: operation.id };
  const call: Call = {
    principal,
    action,
    resource: { type: target.type, id: target.id },
    context: {
      input: recordJson(shape, request.arguments),
      system: systemJson(request, shape),
    } as CedarWasm.Context,
    entities,
  };
  if (whole) return { ...call, preparsedSchemaName: SCHEMA, validateRequest: true };
  const groups = operation.groups.map((id) => ({ type: 'Action', id }));
  return { ...call, entities: [...entities, { uid: action, attrs: {}, parents: groups }] };
}

function isUid(uid: CedarWasm.EntityUidJson, other: { type: string; id: string }): boolean {
  return 'type' in uid && uid.type === other.type && uid.id === other.id;
}

function residentsOf(world: World): CedarWasm.EntityJson[] {
  const entity = (
    type: string,
    id: string,
    attrs: CedarWasm.EntityJson['attrs'],
    teams: readonly string[],
  ) => ({
    uid: { type, id },
    attrs,
    parents: teams.map((team) => ({ type: 'Team', id: team })),
  });
  const teams = new Set(world.agents.flatMap((agent) => agent.teams));
  return [
    ...world.people.map(({ id, roles }) => entity('Person', id, { roles: [...roles] }, [])),
    ...[...teams].map((id) => entity('Team', id, {}, [])),
    ...world.agents.map(({ id, owner, level, teams: of }) =>
      entity('Agent', id, { owner: { __entity: { type: 'Person', id: owner } }, level }, of),
    ),
  ];
}

function systemJson(request: PolicyRequest, shape: RecordShape): JsonObject {
  const { system } = request;
  const extra = extraOf(request, shape);
  return {
    now: { __extn: { fn: 'datetime', arg: toInstant(Math.floor(system.nowMs)) } },
    session: system.session,
    door: system.door,
    marks: system.marks,
    ...(system.past ?? NO_PAST),
    unsure: system.unsure === true,
    ...(extra === undefined ? {} : { extra: canonicalize(extra) }),
    ...(system.responses === undefined ? {} : { responses: system.responses }),
  };
}

function recordJson(shape: RecordShape, json: JsonObject): JsonObject {
  const members: [string, Json][] = [];
  for (const [name, member] of shape.members) {
    const value = Object.hasOwn(json, name) ? json[name] : undefined;
    const seen = value === undefined || value === null ? undefined : argumentJson(member.shape, value);
    if (seen !== undefined) members.push([name, seen]);
  }
  return Object.fromEntries(members);
}

function argumentJson(shape: Shape, json: Json): Json | undefined {
  if (shape.kind === 'text') return canonicalize(json);
  if (shape.kind === 'decimal') {
    const decimal = typeof json === 'number' ? decimalOf(json) : undefined;
    return decimal === undefined ? undefined : { __extn: { fn: 'decimal', arg: decimal.toString() } };
  }
  if (shape.kind === 'set' && Array.isArray(json))
    return json
      .map((item) => (item === null ? undefined : argumentJson(shape.element, item)))
      .filter((item) => item !== undefined);
  return shape.kind === 'record' && isJsonObject(json) ? recordJson(shape, json) : json;
}
