import { err, ok } from '../base/result.ts';
import type { Operations } from '../control/operations.ts';
import { apply } from '../pipeline/acts.ts';
import { compileInForce } from '../pipeline/in-force.ts';
import { operate } from '../pipeline/operate.ts';
import { renderProblem } from '../policy/index.ts';
import { changesBetween, merelyTightens } from './changes.ts';
import type { House } from './house.ts';
import { resolveSet, type Surroundings } from './resolve-set.ts';
import { readRuleSet } from './rule-set.ts';
import { lineOf, textOf } from './tell.ts';

/**
 * `apply`: reads the files, shows how they differ from what is in force, and takes them whole. Running actions keep
 * the rules they began with. `listen`, `tls` and the like take effect at the next start.
 */
export async function applyFiles(
  house: House,
  around: Surroundings,
  dryRun: boolean,
): ReturnType<Operations['apply']> {
  const files = readRuleSet(around.configPath);
  if (!files.ok)
    return err({
      sentence: 'The files have problems; nothing was applied.',
      details: files.error.map(lineOf),
    });
  const next = resolveSet(files.value.set, around);
  if (!next.ok)
    return err({
      sentence: 'The files have problems; nothing was applied.',
      details: next.error.map(lineOf),
    });

  // Another server under an old name is pinned anew: its first connection follows from a person's act, this one.
  const anew = [
    ...house.park.changedBy(next.value.upstreams),
    ...goneFrom(house, next.value.parts.upstreams),
  ];
  const inForce = compileInForce(next.value.parts, house.pins.without(anew), 'error');
  if (!inForce.ok) {
    const details = inForce.error.map((found) => renderProblem(found, textOf(next.value.set, found.file)));
    return err({ sentence: 'The rules have problems; nothing was applied.', details });
  }
  const warnings = inForce.value.policy.warnings.map((found) =>
    renderProblem(found, textOf(next.value.set, found.file)),
  );
  const changes = changesBetween(house.resolved().set, next.value.set);
  if (dryRun || changes.length === 0) return ok({ changes, applied: false, warnings });

  const tightens = merelyTightens(house.resolved().set, next.value.set, inForce.value.policy.rules);
  const application = {
    parts: next.value.parts,
    inForce: inForce.value,
    text: next.value.text,
    changes,
    tightens,
    anew,
  };
  const done = await operate(
    house.recorder,
    { by: 'socket' },
    apply(house.standing, house.pins, application, () => house.take(next.value)),
  );
  if (!done.ok) return err({ sentence: done.error });
  await house.park.use(next.value.upstreams);
  return ok({ changes, applied: true, warnings });
}

function goneFrom(house: House, next: readonly { readonly id: string }[]): string[] {
  const stays = new Set(next.map(({ id }) => id));
  return house.standing.parts.upstreams.map(({ id }) => id).filter((id) => !stays.has(id));
}
