import { fold } from '../base/fold.ts';
import { DRILL_PREFIX, ID_PATTERN } from '../model/agent.ts';
import { type Level, strictest } from '../model/level.ts';

/** What a level can be set for, besides everything. */
const SCOPE_KINDS = ['agent', 'owner', 'session', 'operation', 'upstream', 'target'] as const;
type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What a level can be set for; `all` is everything. */
export type Scope = 'all' | `${ScopeKind}:${string}`;

/** Set levels, besides the configured ones. A scope without an entry is live. */
export type Levels = ReadonlyMap<Scope, Level>;

/** What runs, or would run, as far as a level can be set for it. An Action is one. */
export interface Doing {
  readonly session?: string;
  /** The session that this one works for: a stop of that one covers it. */
  readonly parent?: string;
  readonly operation?: string;
  readonly upstream?: string;
  /** A stop of a target covers what lies in it. */
  readonly targets?: readonly (Named & { readonly ancestors?: readonly Named[] })[];
}

interface Named {
  readonly id: string;
}

export function setLevel(levels: Levels, scope: Scope, level: Level): Levels {
  const next = new Map(levels);
  // Removed first, so that the scope that was set last stands last.
  next.delete(scope);
  if (level !== 'live') next.set(scope, level);
  return next;
}

/** Sets a level, unless the scope is stopped harder already: a stop never loosens. */
export function tightenLevel(levels: Levels, scope: Scope, level: Level): Levels {
  return setLevel(levels, scope, strictest(level, levels.get(scope) ?? 'live'));
}

/**
 * Set levels, laid out for being asked in every decision: a kind of scope of which none is set costs one comparison,
 * the others one look-up each, and nothing is made on the way.
 */
export class Ladder {
  readonly #all: Level;
  readonly #kinds: { readonly [K in ScopeKind]?: ReadonlyMap<string, Level> };
  readonly #isEmpty: boolean;

  constructor(levels: Levels) {
    this.#all = levels.get('all') ?? 'live';
    this.#isEmpty = levels.size === 0;
    const kinds: { [K in ScopeKind]?: Map<string, Level> } = {};
    for (const [scope, level] of levels) {
      const split = splitScope(scope);
      if (split === null) continue;
      const { kind } = split;
      const id = kind === 'target' ? fold(split.id) : split.id;
      const known = kinds[kind] ?? new Map<string, Level>();
      kinds[kind] = known.set(id, worse(level, known.get(id)));
    }
    this.#kinds = kinds;
  }

  /** The strictest of the configured level and of every one that is set for anything that this is about. */
  levelOf(agentId: string, ownerId: string | undefined, doing: Doing | undefined, configured: Level): Level {
    if (this.#isEmpty) return configured;
    const { agent, owner, session, operation, upstream, target } = this.#kinds;
    let level = worse(configured, this.#all);
    if (agent !== undefined) level = worse(level, agent.get(agentId));
    if (owner !== undefined && ownerId !== undefined) level = worse(level, owner.get(ownerId));
    if (doing === undefined) return level;
    if (session !== undefined) {
      if (doing.session !== undefined) level = worse(level, session.get(doing.session));
      if (doing.parent !== undefined) level = worse(level, session.get(doing.parent));
    }
    if (operation !== undefined && doing.operation !== undefined)
      level = worse(level, operation.get(doing.operation));
    if (upstream !== undefined && doing.upstream !== undefined)
      level = worse(level, upstream.get(doing.upstream));
    if (target !== undefined) level = worse(level, levelOfTargets(target, doing));
    return level;
  }
}

/**
 * Targets are compared without case and Unicode form: whoever stops `Octo/Hello` means what is decided on as `octo/hello`,
 * and another spelling is no way around a stop. A namesake that differs in nothing else stops with it.
 */
function levelOfTargets(set: ReadonlyMap<string, Level>, { targets = [] }: Doing): Level {
  let level: Level = 'live';
  for (const { id, ancestors = [] } of targets) {
    level = worse(level, set.get(fold(id)));
    for (const ancestor of ancestors) level = worse(level, set.get(fold(ancestor.id)));
  }
  return level;
}

function worse(level: Level, other: Level | undefined): Level {
  return other === undefined || other === level ? level : strictest(level, other);
}

const MOST_LENGTH = 4096;
const OPERATION = /^[a-z]+:[\x21-\x7e]{1,256}$/;
const SESSION = /^[\x21-\x7e]{1,128}$/;
const NO_TEXT = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** null: everything, or no scope. */
export function splitScope(scope: string): { readonly kind: ScopeKind; readonly id: string } | null {
  const at = scope.indexOf(':');
  const kind = SCOPE_KINDS.find((known) => known === scope.slice(0, Math.max(0, at)));
  return kind === undefined ? null : { kind, id: scope.slice(at + 1) };
}

/** Whether a scope is one that only drills stop: each stops upstreams of its own, and releases them by itself. */
export const isDrillScope = (scope: string): boolean => scope.startsWith(`upstream:${DRILL_PREFIX}`);

export function isScope(text: string): text is Scope {
  if (text === 'all') return true;
  const split = splitScope(text);
  if (split === null) return false;
  const { kind, id } = split;
  switch (kind) {
    case 'agent':
    case 'owner':
    case 'upstream':
      return ID_PATTERN.test(id);
    case 'session':
      return SESSION.test(id);
    case 'operation':
      return OPERATION.test(id);
    case 'target':
      return id !== '' && id.length <= MOST_LENGTH && id.isWellFormed() && !NO_TEXT.test(id);
  }
}
