import { canonicalize } from '../../base/canonical.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Operations, OperatorRefusal } from '../../control/operations.ts';
import { type Application, apply } from '../../pipeline/acts/acts.ts';
import { compileAhead, compileInForce } from '../../pipeline/in-force.ts';
import { renderProblem } from '../../policy/index.ts';
import { askedAgain } from '../approvals/asked-less.ts';
import { endedBy } from '../approvals/ended-by.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import type { House } from '../house.ts';
import { originsOf, whyNobodyCouldSign } from '../people/control-place.ts';
import { lineOf, textOf } from '../tell.ts';
import { changesBetween } from './changes.ts';
import { readFiles } from './read-files.ts';
import type { ResolvedSet, Surroundings } from './resolve-set.ts';
import type { RuleSet } from './rule-set.ts';
import { merelyTightens } from './tightening.ts';

/**
 * `apply`: reads the files, shows how they differ from what is in force, and takes them whole. Running actions keep
 * the rules they began with. `listen`, `tls` and the like take effect at the next start.
 */
export async function applyFiles(
  house: House,
  around: Surroundings,
  dryRun: boolean,
): ReturnType<Operations['apply']> {
  const files = readFiles(around);
  if (!files.ok)
    return err({
      ...problem('FILES_UNUSABLE'),
      details: files.error.map(lineOf),
    });
  const { pins, owners } = house;
  const handedBack = owners.handedBackBy(files.value.resolved.parts);
  const next = { ...files.value.resolved, parts: owners.over(files.value.resolved.parts) };
  await compileAhead(next.parts, pins.without(pinnedAnew(house.resolved().set, next.set)), 'error');
  const now = house.resolved().set;
  const anew = pinnedAnew(now, next.set);
  const inForce = compileInForce(next.parts, pins.without(anew), 'error');
  if (!inForce.ok) {
    const details = inForce.error.map((found) => renderProblem(found, textOf(next.set, found.file)));
    return err({ ...problem('RULES_UNUSABLE'), details });
  }
  const ended = endedBy(house, inForce.value);
  const warnings = [
    ...files.value.warnings.map(lineOf),
    ...inForce.value.policy.warnings.map((found) => renderProblem(found, textOf(next.set, found.file))),
    ...(ended === null ? [] : [ended]),
  ];
  const changes = [...(await askedAgain(house.store, now, next.set)), ...changesBetween(now, next.set)];
  if (dryRun || changes.length === 0) return ok({ changes, applied: false, warnings });

  const locked = house.passkeys.claimed ? whyNobodyCouldSign(next.set.configuration, house.passkeys) : null;
  if (locked !== null) return err({ code: 'NOBODY_COULD_SIGN', sentence: locked });

  const tightens = merelyTightens(now, next.set);
  const application = {
    parts: next.parts,
    inForce: inForce.value,
    text: next.text,
    changes,
    tightens,
    origins: originsOf(next.set.configuration),
    anew,
    handedBack,
  };
  const taken = await takeSet(house, next, application);
  return taken.ok ? ok({ changes, applied: true, warnings }) : taken;
}

/** Takes a set that was compiled, as somebody's act; a sentence where it is refused. */
export async function takeSet(
  house: House,
  next: ResolvedSet,
  application: Application,
): Promise<Result<void, OperatorRefusal>> {
  const act = apply(house.standing, house.pins, application, () => {
    house.owners.drop(application.handedBack ?? []);
    house.take(next);
  });
  const done = await house.operate(act);
  if (!done.ok) return done;
  await house.standing.gather(() => house.upstreamPool.use(next.upstreams));
  return ok(undefined);
}

/**
 * Upstreams that are gone, or another server than the one that was pinned: a person says so with this very act, so what
 * the next connection lists is pinned. Secrets do not count: a new value of the same name is the same server.
 */
export function pinnedAnew(now: RuleSet, next: RuleSet): string[] {
  const serverOf = (set: RuleSet, id: string) => {
    const upstream = set.configuration.upstreams[id];
    return upstream === undefined ? '' : canonicalize(definedOf(upstream));
  };
  return Object.keys(now.configuration.upstreams).filter((id) => serverOf(now, id) !== serverOf(next, id));
}

function definedOf({ command, cwd, env, url, headers }: UpstreamConfiguration): JsonObject {
  return { command: command ?? null, cwd: cwd ?? null, env, url: url ?? null, headers };
}
