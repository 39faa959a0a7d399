import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { EntityUid } from '../values/values.ts';
import { readEntity } from './expression.ts';

/** What a rule's head says of the principal or of the resource. */
export type Constraint =
  | { readonly kind: 'any' }
  | { readonly kind: 'is'; readonly type: string }
  | { readonly kind: 'equals'; readonly uid: EntityUid }
  | { readonly kind: 'in'; readonly uid: EntityUid; readonly type?: string };

/** What it says of the action: any, or one that is or lies in one of these. */
type ActionConstraint =
  | { readonly kind: 'any' }
  | { readonly kind: 'equals'; readonly uid: EntityUid }
  | { readonly kind: 'in'; readonly uids: readonly EntityUid[] };

export interface Scope {
  readonly principal: Constraint;
  readonly action: ActionConstraint;
  readonly resource: Constraint;
}

/** Of a rule in Cedar's JSON form. Throws for what this room does not know. */
export function readScope(rule: JsonObject): Scope {
  return {
    principal: readConstraint(rule['principal']),
    action: readAction(rule['action']),
    resource: readConstraint(rule['resource']),
  };
}

function readConstraint(json: Json | undefined): Constraint {
  if (!isJsonObject(json)) throw new TypeError('a rule without a scope');
  switch (json['op']) {
    case 'All':
      return { kind: 'any' };
    case '==':
      return { kind: 'equals', uid: readEntity(json['entity']) };
    case 'in':
      return { kind: 'in', uid: readEntity(json['entity']) };
    case 'is': {
      const type = json['entity_type'];
      const within = json['in'];
      if (typeof type !== 'string') break;
      if (!isJsonObject(within)) return { kind: 'is', type };
      return { kind: 'in', uid: readEntity(within['entity']), type };
    }
  }
  throw new TypeError('a scope that is not understood');
}

function readAction(json: Json | undefined): ActionConstraint {
  if (!isJsonObject(json)) throw new TypeError('a rule without a scope');
  const { op, entity, entities } = json;
  if (op === 'All') return { kind: 'any' };
  if (op === '==') return { kind: 'equals', uid: readEntity(entity) };
  if (op !== 'in') throw new TypeError('a scope that is not understood');
  const uids = Array.isArray(entities) ? entities : [entity];
  return { kind: 'in', uids: uids.map(readEntity) };
}

/** Whether an action of this id, in these groups (ids), is meant. */
export function admitsAction(constraint: ActionConstraint, id: string, groups: ReadonlySet<string>): boolean {
  if (constraint.kind === 'any') return true;
  if (constraint.kind === 'equals') return isAction(constraint.uid) && constraint.uid.id === id;
  return constraint.uids.some((uid) => isAction(uid) && (uid.id === id || groups.has(uid.id)));
}

function isAction(uid: EntityUid): boolean {
  return uid.type === 'Action';
}

/** Whether an entity with these ancestors (keys) is meant. */
export function admits(constraint: Constraint, uid: EntityUid, ancestors: ReadonlySet<string>): boolean {
  switch (constraint.kind) {
    case 'any':
      return true;
    case 'is':
      return uid.type === constraint.type;
    case 'equals':
      return uid.key === constraint.uid.key;
    case 'in':
      if (constraint.type !== undefined && constraint.type !== uid.type) return false;
      return uid.key === constraint.uid.key || ancestors.has(constraint.uid.key);
  }
}
