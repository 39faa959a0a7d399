import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { normalIdOf } from '../../catalog/targets/named-resource.ts';
import { type Stoppable, unknownIn } from '../../containment/known.ts';
import { isScope, type Scope, splitScope } from '../../containment/levels.ts';
import type { Level } from '../../model/level.ts';
import { machineFiles } from '../files.ts';
import type { House } from '../house.ts';

/** What there is to stop. */
export interface Known {
  agents(): readonly { readonly id: string; readonly owner: string; readonly level: Level }[];
  points(): readonly string[];
  upstreams(): readonly string[];
  /** Tools of upstreams that were met, as rules name them. */
  operations(): readonly string[];
  /** Secrets of upstreams that a kill is about, as its answer says them; absent: no set is in force. */
  secrets?(scope: Scope): readonly JsonObject[];
}

/**
 * What an operator wrote, as a scope. A mistyped id is refused with the nearest one, for a stop of nobody would look like
 * one. A target may be written as in rules (`Thread::"a"`), and is taken as they see it: a path absolute, links resolved; an
 * address, a repository or a host in its normal form.
 */
export function readScope(text: string, known: Known, verb: 'stopped' | 'released'): Result<Scope, Problem> {
  const split = splitScope(text);
  // What is stopped can be released, whether or not it is still there: its caller looks (`unknownScope`).
  const unknown = verb === 'stopped' ? unknownScope(text, known, verb) : null;
  if (unknown !== null) return err(unknown);
  const scope = split?.kind === 'target' ? `target:${targetOf(split.id)}` : text;
  return isScope(scope) ? ok(scope) : err(problem('SCOPE_UNREADABLE', { what: text, verb }));
}

/** Why a scope names nothing that is here; null where it does, or is of a kind that anything can be. */
export function unknownScope(text: string, known: Known, verb: 'stopped' | 'released'): Problem | null {
  const unknown = unknownIn(text, stoppableOf(known));
  if (unknown === null) return null;
  const { kind, id, guess } = unknown;
  const hint = guess === undefined ? '' : ` (did you mean "${guess}"?)`;
  return problem('SCOPE_UNKNOWN', { kind, id, hint, verb });
}

const stoppableOf = (known: Known): Stoppable => ({
  agents: known.agents(),
  upstreams: known.upstreams(),
  operations: known.operations(),
});

/** Every tool that is pinned, by its operation. */
export function operationsOf({ pins, standing }: Pick<House, 'pins' | 'standing'>): string[] {
  return [OWN_UPSTREAM, ...standing.inForce.upstreams.keys()].flatMap((upstream) =>
    [...pins.of(upstream).values()]
      .filter(({ kind }) => kind === 'tool')
      .map(({ name }) => `mcp:${upstream}/${name}`),
  );
}

/** A target as rules see it, so that a stop of it covers what they would. */
export function asDecided(scope: Scope): Scope {
  const split = splitScope(scope);
  const target = split?.kind === 'target' ? `target:${targetOf(split.id)}` : scope;
  return isScope(target) ? target : scope;
}

/** As rules write one: its type, and its id in quotes. */
const AS_IN_RULES = /^([A-Z][A-Za-z0-9]*)::(".*")$/;
/** Without a type, paths and web addresses are known by how they begin. */
const PATH = /^(?:\/|\.{1,2}\/|file:\/)/i;
const WEB = /^(?:https?|wss?|ftp):/i;

/** What has no normal form stands as it is written: a stop is never refused for its spelling. */
function targetOf(written: string): string {
  const [, said, quoted] = AS_IN_RULES.exec(written) ?? [];
  const id = quoted === undefined ? written : unquoted(quoted);
  const type = PATH.test(id) ? 'Path' : (said ?? (WEB.test(id) ? 'Url' : ''));
  return normalIdOf({ type, id }, process.cwd(), machineFiles) ?? id;
}

/** What cannot be read as a text stands as it is: a stop is never refused for its spelling. */
function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

/** The agents that a scope is about as a whole: a stop of less than an agent is about none. */
export function agentsIn<A extends { readonly id: string; readonly owner: string }>(
  scope: string,
  agents: Iterable<A>,
): A[] {
  if (scope === 'all') return [...agents];
  const split = splitScope(scope);
  if (split?.kind === 'agent') return [...agents].filter(({ id }) => id === split.id);
  return split?.kind === 'owner' ? [...agents].filter(({ owner }) => owner === split.id) : [];
}
