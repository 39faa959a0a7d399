import { type Level, strictest } from '../model/level.ts';

/** What a level can be set for; `all` is everything. More scopes come with the brake. */
export type Scope = 'all' | `agent:${string}`;

/** Set levels, besides the configured ones. A scope without an entry is live. */
export type Levels = ReadonlyMap<Scope, Level>;

export function setLevel(levels: Levels, scope: Scope, level: Level): Levels {
  const next = new Map(levels);
  if (level === 'live') next.delete(scope);
  else next.set(scope, level);
  return next;
}

/** Lowering never loosens: a stop on a scope that is stopped harder already changes nothing. */
export function tightenLevel(levels: Levels, scope: Scope, level: Level): Levels {
  return setLevel(levels, scope, strictest(level, levels.get(scope) ?? 'live'));
}

/** The level in force for an agent: the strictest of the configured one and all that were set. */
export function levelOf(levels: Levels, agent: string, configured: Level): Level {
  return strictest(configured, levels.get('all') ?? 'live', levels.get(`agent:${agent}`) ?? 'live');
}

export function isScope(text: string): text is Scope {
  return text === 'all' || /^agent:[a-z][a-z0-9-]{0,31}$/.test(text);
}
