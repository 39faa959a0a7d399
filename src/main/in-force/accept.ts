import { type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { didYouMean } from '../../base/nearest.ts';
import { err, ok } from '../../base/result.ts';
import { showChange } from '../../catalog/pins/change.ts';
import { type Definition, keyOf } from '../../catalog/pins/definition.ts';
import { comparePins } from '../../catalog/pins/pins.ts';
import type { Operations } from '../../control/operations.ts';
import { accept, pinsAfter } from '../../pipeline/acts/acts.ts';
import { compileAhead } from '../../pipeline/in-force.ts';
import type { Generation } from '../../pipeline/ports/call.ts';
import type { House } from '../house.ts';
import { unknownUpstream } from '../unknown.ts';

/** Every operation of every upstream: its class, and how it stands to its pin. */
export function describeCatalog(house: House): JsonObject[] {
  return [...house.standing.inForce.upstreams.values()].flatMap((upstream) =>
    house.pins.generations(upstream.id).flatMap((generation) => {
      const pinned = house.pins.pinned(upstream.id, generation);
      const listed = house.pins.listed(upstream.id, generation);
      const unusable = new Map(house.pins.unusable(upstream.id, generation).map((one) => [keyOf(one), one]));
      const keys = [...new Set([...pinned.keys(), ...(listed?.keys() ?? []), ...unusable.keys()])];
      return keys.map((key): JsonObject => {
        const definition = pinned.get(key) ?? listed?.get(key);
        const flaw = unusable.get(key);
        const [ofKind = '', ofName = ''] = splitKey(key);
        const name = definition?.name ?? ofName;
        const kind = definition?.kind ?? ofKind;
        const entry = upstream.entryOf(
          kind === 'tool' ? name : kind === 'prompt' ? 'prompts/get' : 'resources/read',
        );
        return {
          upstream: upstream.id,
          generation,
          kind,
          name,
          standing:
            flaw === undefined
              ? standingOf(pinned.get(key)?.digest, listed?.get(key)?.digest, listed !== null)
              : 'unusable, hidden',
          ...(flaw === undefined ? {} : { why: flaw.why, code: flaw.code }),
          pin: pinned.get(key)?.digest ?? null,
          risk: kind === 'server' ? null : (entry?.risk ?? 'unclassified'),
          effect: entry?.effect ?? [],
          reversibility: entry?.reversibility ?? null,
          audience: entry?.audience ?? null,
          worst: entry?.worst ?? null,
        };
      });
    }),
  );
}

/** `tool echo`, as keyOf makes it. */
function splitKey(key: string): [string, string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space), key.slice(space + 1, space + 129)];
}

function standingOf(pinned: string | undefined, listed: string | undefined, seen: boolean): string {
  if (!seen) return 'not connected';
  if (pinned === undefined) return 'new, hidden';
  if (listed === undefined) return 'gone';
  return pinned === listed ? 'as pinned' : 'changed, hidden';
}

/**
 * `catalog accept`: shows how what is listed now differs from the pins; told the digest of what was shown, it takes
 * exactly that, and refuses when the upstream has changed again in between.
 */
export async function acceptDefinitions(
  house: House,
  upstream: string,
  name: string | undefined,
  shown: string | undefined,
): ReturnType<Operations['accept']> {
  const unknown = unknownUpstream(upstream, house.standing.inForce.upstreams.keys());
  if (unknown !== null) return err(unknown);
  const nameless = name === undefined ? null : unknownName(house, upstream, name);
  if (nameless !== null) return err(nameless);
  const changes = house.pins
    .generations(upstream)
    .flatMap((generation) => changesOf(house, upstream, generation, name));
  if (changes.length === 0)
    return err(problem('NOTHING_TO_ACCEPT', { what: name === undefined ? upstream : `${upstream}/${name}` }));
  const text = changes.map((change) => change.text).join('\n');
  const digest = digestOf(changes.map((change) => change.digest).join());
  if (shown === undefined) return ok({ text, shown: digest, accepted: false });
  if (shown !== digest)
    return err({
      ...problem('LISTING_MOVED', { upstream }),
      details: [text],
    });

  for (const { generation, keys, listed } of changes) {
    const next = pinsAfter(house.pins.pinned(upstream, generation), listed, new Set(keys));
    await compileAhead(house.standing.parts, house.pins.with(upstream, generation, next.values()), 'hide');
    const act = accept(house.pins, house.standing, { upstream, generation, next, accepted: keys });
    const done = await house.operate(act);
    if (!done.ok) return done;
  }
  return ok({ text, shown: digest, accepted: true });
}

/** Of what is neither pinned nor listed nothing can differ, and saying so would be taken for "as pinned"; null: it is there. */
function unknownName(house: House, upstream: string, name: string): Problem | null {
  const names = house.pins
    .generations(upstream)
    .flatMap((generation) => [
      ...house.pins.pinned(upstream, generation).values(),
      ...(house.pins.listed(upstream, generation)?.values() ?? []),
      ...house.pins.unusable(upstream, generation),
    ])
    .map((one) => one.name);
  if (names.includes(name)) return null;
  const near = didYouMean(name, new Set(names));
  return problem('NAME_UNKNOWN', {
    upstream,
    name,
    hint: near ?? `./lanyard catalog show ${upstream} lists what there is.`,
  });
}

/** How one generation of an upstream differs from its pins, for all names or for one. */
interface Change {
  readonly generation: Generation;
  readonly listed: ReadonlyMap<string, Definition>;
  readonly keys: readonly string[];
  readonly text: string;
  readonly digest: string;
}

function changesOf(
  house: House,
  upstream: string,
  generation: Generation,
  name: string | undefined,
): Change[] {
  const listed = house.pins.listed(upstream, generation);
  if (listed === null) return [];
  const only = (definitions: ReadonlyMap<string, Definition>) =>
    name === undefined
      ? definitions
      : new Map([...definitions].filter(([, definition]) => definition.name === name));
  const [before, after] = [only(house.pins.pinned(upstream, generation)), only(listed)];
  const { changed, added, removed } = comparePins(before, after.values());
  const keys = [...changed.map((one) => keyOf(one.listed)), ...added.map(keyOf), ...removed.map(keyOf)];
  if (keys.length === 0) return [];
  const { lines, digest } = showChange(before, after.values());
  return [{ generation, listed, keys, text: lines.join('\n'), digest }];
}
