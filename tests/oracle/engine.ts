import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import type { Entities, EntityData, Scene } from '../../src/policy/compile/evaluation.ts';
import { cedar, parseRule } from '../../src/policy/engine/cedar.ts';
import { compileRule, holds, type Rule } from '../../src/policy/rule.ts';
import { readEntity } from '../../src/policy/text/expression.ts';
import { admits, admitsAction } from '../../src/policy/text/scope.ts';
import { split } from '../../src/policy/text/split.ts';
import { parseDatetime, parseDuration } from '../../src/policy/values/datetime.ts';
import { parseDecimal } from '../../src/policy/values/decimal.ts';
import { EvaluationFault } from '../../src/policy/values/fault.ts';
import { longOf } from '../../src/policy/values/integers.ts';
import { parseIp } from '../../src/policy/values/ip.ts';
import {
  EntityUid,
  MapRecord,
  type RecordValue,
  SetValue,
  type Value,
} from '../../src/policy/values/values.ts';
import { type EntityFact, type Facts, present, type RequestFact } from './random-facts.ts';

/** What either engine answers: rule ids in order. */
export interface Answer {
  readonly decision: 'allow' | 'deny';
  readonly reasons: readonly string[];
  readonly errors: readonly string[];
}

const SET = 'oracle';

/** The official engine, given the rules once. Ids are reused: it never forgets a set. */
export function official(rules: readonly string[], facts: Facts): (request: RequestFact) => Answer {
  const parsed = cedar().preparsePolicySet(SET, {
    staticPolicies: Object.fromEntries(rules.map((rule, i) => [`r${i}`, rule])),
  });
  if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return (request) => {
    const answer = cedar().statefulIsAuthorized({
      principal: { ...request.principal },
      action: { ...request.action },
      resource: { ...request.resource },
      context: facts.contexts[request.context] as CedarWasm.Context,
      preparsedPolicySetId: SET,
      entities: present(facts.entities, request).map(engineEntity),
    });
    if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
    const { decision, diagnostics } = answer.response;
    return {
      decision,
      reasons: [...diagnostics.reason].sort(),
      errors: diagnostics.errors.map(({ policyId }) => policyId).sort(),
    };
  };
}

function engineEntity({ uid, attrs, tags, parents }: EntityFact): CedarWasm.EntityJson {
  return {
    uid: { ...uid },
    attrs: { ...attrs } as CedarWasm.EntityJson['attrs'],
    tags: { ...tags } as CedarWasm.EntityJson['attrs'],
    parents: [...parents],
  };
}

/** Ours: rules split, parsed, compiled and evaluated one by one, without an index. */
export function compiled(rules: readonly string[], facts: Facts): (request: RequestFact) => Answer {
  const ready = rules.map(compileText);
  const contexts = facts.contexts.map(recordOf);
  return (request) => {
    const entities = entitiesOf(present(facts.entities, request));
    const scene: Scene = {
      principal: new EntityUid(request.principal.type, request.principal.id),
      action: new EntityUid(request.action.type, request.action.id),
      resource: new EntityUid(request.resource.type, request.resource.id),
      context: contexts[request.context] ?? recordOf({}),
      entities,
    };
    return answerOf(ready, scene);
  };
}

function compileText(text: string, index: number): Rule {
  const { rules, problems } = split({ name: 'random', text });
  const [source] = rules;
  if (source === undefined || rules.length !== 1 || problems.length > 0)
    throw new Error(`not one rule: ${problems.map(({ message }) => message).join('; ')}\n${text}`);
  const json = parseRule(text);
  if (!json.ok) throw new Error(`${json.error.map(({ message }) => message).join('; ')}\n${text}`);
  const head = { id: `r${index}`, file: 'random', line: 1, annotations: {}, text, index };
  return compileRule({ ...head, clauseTexts: source.clauses.map((clause) => clause.text) }, json.value);
}

function answerOf(rules: readonly Rule[], scene: Scene): Answer {
  const satisfied: Rule[] = [];
  const errors: string[] = [];
  const ancestors = (uid: EntityUid) => scene.entities.get(uid.key)?.ancestors ?? new Set<string>();
  const groups = new Set([...ancestors(scene.action)].map((key) => key.slice('Action\0'.length)));
  for (const rule of rules) {
    const { principal, action, resource } = rule.scope;
    if (!admits(principal, scene.principal, ancestors(scene.principal))) continue;
    if (!admitsAction(action, scene.action.id, groups)) continue;
    if (!admits(resource, scene.resource, ancestors(scene.resource))) continue;
    try {
      if (holds(rule, scene)) satisfied.push(rule);
    } catch (thrown) {
      if (!(thrown instanceof EvaluationFault)) throw thrown;
      errors.push(rule.id);
    }
  }
  const forbids = satisfied.filter(({ effect }) => effect === 'forbid');
  const permits = satisfied.filter(({ effect }) => effect === 'permit');
  const reasons = (forbids.length > 0 ? forbids : permits).map(({ id }) => id).sort();
  const allowed = forbids.length === 0 && permits.length > 0;
  return { decision: allowed ? 'allow' : 'deny', reasons, errors: errors.sort() };
}

function entitiesOf(facts: readonly EntityFact[]): Entities {
  const parents = new Map(
    facts.map(({ uid, parents: direct }) => [
      new EntityUid(uid.type, uid.id).key,
      direct.map((parent) => new EntityUid(parent.type, parent.id).key),
    ]),
  );
  const data = new Map<string, EntityData>();
  for (const { uid, attrs, tags } of facts) {
    const { key } = new EntityUid(uid.type, uid.id);
    const ancestors = new Set<string>();
    const open = [...(parents.get(key) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (!ancestors.has(next)) open.push(...(parents.get(next) ?? []));
      ancestors.add(next);
    }
    data.set(key, { attributes: recordOf(attrs), tags: recordOf(tags), ancestors });
  }
  return data;
}

function recordOf(json: JsonObject): RecordValue {
  return new MapRecord(new Map(Object.entries(json).map(([name, value]) => [name, valueOfJson(value)])));
}

/** A value from the official engine's JSON form. */
function valueOfJson(json: Json): Value {
  if (typeof json === 'boolean' || typeof json === 'string') return json;
  if (typeof json === 'number') return longOf(json) ?? fail();
  if (Array.isArray(json)) return new SetValue(json.map(valueOfJson));
  if (!isJsonObject(json)) return fail();
  if (isJsonObject(json['__entity'])) return readEntity(json['__entity']);
  const extension = json['__extn'];
  if (!isJsonObject(extension)) return recordOf(json);
  const { fn, arg } = extension;
  if (typeof arg !== 'string') return fail();
  if (fn === 'decimal') return parseDecimal(arg);
  if (fn === 'ip') return parseIp(arg);
  return fn === 'datetime' ? parseDatetime(arg) : parseDuration(arg);
}

function fail(): never {
  throw new Error('a value the official engine would not take');
}
