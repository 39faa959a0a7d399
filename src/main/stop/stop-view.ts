import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { type Scope, splitScope } from '../../containment/levels.ts';
import type { CutThing, Live } from '../../pipeline/stop/live.ts';
import { cutReport, type StopLevel } from '../../pipeline/stop/stop.ts';
import type { Foundation } from '../foundation.ts';
import { agentsIn, type Known } from './scope.ts';

/**
 * What a stop would cut now, without cutting it: `agents` as a whole, what is alive by kind, `tokens` that would end, and
 * `questions` that wait for people. The same members stand in the answer of a stop, with what was.
 */
export function previewOf(
  { halt, tokens }: Pick<Foundation, 'halt' | 'tokens'>,
  known: Known,
  scope: Scope,
  level: StopLevel,
): JsonObject {
  const agents = agentsIn(scope, known.agents()).map(({ id }) => id);
  const lives = halt.within(scope).filter((live) => wouldCut(live, level));
  const things: CutThing[] = lives.map(({ kind, name, about: { agent } }) => ({
    kind,
    name,
    agent,
    ms: null,
  }));
  const { counts, things: named } = cutReport(things);
  return {
    scope,
    level,
    now: halt.levels.get(scope) ?? 'live',
    agents,
    cut: { counts: counts ?? {}, things: named ?? [] },
    tokens: level === 'killed' ? agents.reduce((sum, agent) => sum + tokens.ofAgent(agent).length, 0) : 0,
  };
}

/** What a kill means for secrets. Told after a stop and never before it: a stop waits for nothing. */
export function secretsIn(known: Known, scope: Scope, level: StopLevel): JsonObject {
  const secrets = level === 'killed' ? (known.secrets?.(scope) ?? []) : [];
  return secrets.length === 0 ? {} : { secrets };
}

/**
 * `seen: false` of a session that nothing alive and no entry of the log names: a stop of it stands, for it may begin yet, and
 * may well be mistyped. Looked up after a stop and never before it.
 */
export async function unseenIn(
  { store }: Pick<Foundation, 'store'>,
  scope: Scope,
  cut: Json | undefined,
): Promise<JsonObject> {
  const split = splitScope(scope);
  if (split?.kind !== 'session') return {};
  const counts = isJsonObject(cut) ? cut['counts'] : undefined;
  if (isJsonObject(counts) && Object.keys(counts).length > 0) return {};
  for await (const page of store.find({ session: split.id })) if (page.length > 0) return {};
  return { seen: false };
}

function wouldCut({ kind }: Live, level: StopLevel): boolean {
  if (level === 'watched') return false;
  return level === 'killed' || kind !== 'upstream';
}
