import { didYouMean } from '../base/nearest.ts';
import { type PolicyProblem, problemAt } from './problem.ts';
import { groupsOf } from './schema/schema.ts';
import type { RuleSource } from './text/split.ts';
import { type Token, unquote } from './text/tokenizer.ts';
import type { World } from './world.ts';

/** The names that rules may use, made once per world. */
export interface Names {
  readonly actions: ReadonlySet<string>;
  readonly others: Readonly<Record<string, ReadonlySet<string>>>;
  /** Upstream id → whether it was ever pinned. */
  readonly upstreams: ReadonlyMap<string, boolean>;
}

export function namesOf(world: World): Names {
  return {
    actions: new Set([...world.operations.map(({ id }) => id), ...groupsOf(world)]),
    others: {
      Agent: new Set(world.agents.map(({ id }) => id)),
      Person: new Set(world.people.map(({ id }) => id)),
      Team: new Set(world.agents.flatMap(({ teams }) => teams)),
    },
    upstreams: new Map(world.upstreams.map(({ id, pinned }) => [id, pinned])),
  };
}

/** Why no target of a type is ever called so, and how it is called instead; null: it may be. */
export type LookAtTarget = (
  type: string,
  id: string,
) => { readonly why: string; readonly usual?: string } | null;

/** `Type::"id"` as it stands in a rule. */
interface EntityName {
  readonly type: string;
  readonly id: string;
  readonly start: number;
}

/**
 * Checks every `Type::"id"` in a rule: the official engine knows types and actions, but takes any id for an agent.
 * `dormant` are the operations named that belong to an upstream never pinned yet (or, where the set is in force
 * already, that are no longer offered).
 */
export function checkNames(
  source: RuleSource,
  names: Names,
  inForce: boolean,
  lookAtTarget: LookAtTarget | undefined,
): { dormant: string[]; problems: PolicyProblem[] } {
  const dormant: string[] = [];
  const problems: PolicyProblem[] = [];
  for (const { type, id, start } of entityNames(source.tokens)) {
    if (type === 'Action') {
      if (names.actions.has(id)) continue;
      const pinned = names.upstreams.get(upstreamOf(id) ?? '');
      if (pinned === false) {
        dormant.push(id);
        continue;
      }
      if (pinned === true && inForce) dormant.push(id);
      problems.push(
        problemAt(source.file, start, `there is no operation or group "${id}"`, {
          hint: didYouMean(id, names.actions),
          severity: pinned === true && inForce ? 'warning' : 'error',
        }),
      );
    } else {
      const known = names.others[type];
      if (known !== undefined && !known.has(id))
        problems.push(
          problemAt(source.file, start, `there is no ${type.toLowerCase()} "${id}"`, {
            hint: didYouMean(id, known),
          }),
        );
      const odd = known === undefined ? lookAtTarget?.(type, id) : null;
      if (odd)
        problems.push(
          problemAt(source.file, start, `no target is ever ${type}::"${id}": it ${odd.why}`, {
            hint: odd.usual === undefined ? undefined : `write ${type}::"${odd.usual}"`,
            severity: 'warning',
          }),
        );
    }
  }
  return { dormant, problems };
}

function upstreamOf(operation: string): string | undefined {
  return /^mcp:([^/]+)\//.exec(operation)?.[1];
}

function entityNames(tokens: readonly Token[]): EntityName[] {
  const found: EntityName[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const first = tokens[at];
    if (first?.kind !== 'word') continue;
    let type = first.text;
    let next = at + 1;
    while (tokens[next]?.text === '::' && tokens[next + 1]?.kind === 'word') {
      type += `::${tokens[next + 1]?.text}`;
      next += 2;
    }
    const id = tokens[next + 1];
    if (tokens[next]?.text === '::' && id?.kind === 'string')
      found.push({ type, id: unquote(id.text), start: first.start });
    at = next - 1;
  }
  return found;
}
