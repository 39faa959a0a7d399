import { compileAhead, compileInForce } from '../pipeline/in-force.ts';
import { type OnMisfit, renderProblem } from '../policy/index.ts';
import type { Foundation } from './foundation.ts';
import { buildHouse, type House } from './house.ts';
import { type ResolvedSet, resolveSet, type Surroundings } from './in-force/resolve-set.ts';
import type { RuleSet } from './in-force/rule-set.ts';
import { lineOf, textOf } from './tell.ts';

type Built =
  | { readonly ok: true; readonly house: House; readonly set: ResolvedSet }
  | { readonly ok: false; readonly lines: readonly string[] };

/** A house over a rule set, its rules checked on another thread where they are many; or every reason why there is none. */
export async function build(
  foundation: Foundation,
  set: RuleSet,
  around: Surroundings,
  misfits: OnMisfit,
): Promise<Built> {
  const resolved = resolveSet(set, around);
  if (!resolved.ok) return { ok: false, lines: resolved.error.map(lineOf) };
  const found = { ...resolved.value, parts: foundation.owners.over(resolved.value.parts) };
  await compileAhead(found.parts, foundation.pins, misfits);
  const inForce = compileInForce(found.parts, foundation.pins, misfits);
  if (!inForce.ok)
    return { ok: false, lines: inForce.error.map((found) => renderProblem(found, textOf(set, found.file))) };
  // Before anything was ever pinned every rule seems to be about nothing.
  const pinned = found.parts.upstreams.some(({ id }) => foundation.pins.knows(id));
  for (const warning of pinned ? inForce.value.policy.warnings : [])
    foundation.log(renderProblem(warning, textOf(set, warning.file)));
  return { ok: true, house: buildHouse(foundation, found, inForce.value), set: found };
}
