import { err, ok, type Result } from '../base/result.ts';
import type { Definition } from '../catalog/definition.ts';
import { writePins } from '../catalog/pins.ts';
import type { EntryFields } from '../contract/log-entry.ts';
import type { PolicyProblem } from '../policy/index.ts';
import type { Draft } from './draft.ts';
import { compileInForce, type InForce, type SetParts } from './in-force.ts';
import type { Drift, Pins } from './pins.ts';
import type { Generation, OnListed, Upstreams } from './ports.ts';
import type { Recorder } from './record.ts';

export interface StandingParts {
  readonly pins: Pins;
  readonly recorder: Recorder;
  readonly upstreams: Upstreams;
  report(line: string): void;
}

/**
 * What is in force, and how it changes: swapped whole, never half. Applying, accepting and first pins end here; an
 * upstream that lists otherwise than its pins only hides what differs.
 */
export class Standing {
  readonly #house: StandingParts;
  #parts: SetParts;
  #inForce: InForce;
  /** Upstreams never pinned, with the generations still to come at their first connection. */
  readonly #fresh = new Map<string, Set<Generation>>();
  readonly #told = new Map<string, string>();

  constructor(house: StandingParts, parts: SetParts, inForce: InForce) {
    this.#house = house;
    this.#parts = parts;
    this.#inForce = inForce;
    this.#findFresh();
  }

  get inForce(): InForce {
    return this.#inForce;
  }

  get parts(): SetParts {
    return this.#parts;
  }

  /** What `parts` would be in force as, without taking it. */
  try(parts: SetParts): Result<InForce, readonly PolicyProblem[]> {
    return compileInForce(parts, this.#house.pins, 'error');
  }

  replace(parts: SetParts, inForce: InForce): void {
    this.#parts = parts;
    this.#inForce = inForce;
    this.#findFresh();
  }

  /** After the pins changed: rules are typed against them. A rule that fits no more hides what it does not fit. */
  rebuild(): Result<void, readonly PolicyProblem[]> {
    const built = compileInForce(this.#parts, this.#house.pins, 'hide');
    if (!built.ok) {
      for (const found of built.error)
        this.#house.report(`rules: ${found.file}:${found.line}: ${found.message}`);
      return err(built.error);
    }
    this.#inForce = built.value;
    for (const found of built.value.policy.warnings) {
      this.#house.report(`rules: ${found.file}:${found.line}: ${found.message}`);
    }
    return ok(undefined);
  }

  /** Upstream clients call this whenever the session that belongs to no agent has seen lists. */
  readonly onListed: OnListed = (upstream, generation, definitions) => {
    const drift = this.#house.pins.observe(upstream, generation, definitions);
    if (this.#isFirst(upstream, generation)) this.#pinFirst(upstream, generation);
    else this.#noteDrift(upstream, generation, drift);
  };

  #findFresh(): void {
    for (const { id } of this.#parts.upstreams)
      if (!this.#house.pins.knows(id)) this.#fresh.set(id, new Set());
  }

  #isFirst(upstream: string, generation: Generation): boolean {
    const met = this.#fresh.get(upstream);
    if (met === undefined) return false;
    const spoken = this.#house.upstreams.get(upstream)?.generations() ?? [];
    met.add(generation);
    if (spoken.every((one) => met.has(one))) this.#fresh.delete(upstream);
    return true;
  }

  /** The first connection after a person configured it: what it lists is what she took. */
  #pinFirst(upstream: string, generation: Generation): void {
    const { pins, recorder, report } = this.#house;
    const listed = pins.listed(upstream, generation) ?? new Map<string, Definition>();
    pins.pin(upstream, generation, listed.values());
    const draft = pinDraft(upstream, generation, listed);
    recorder.record(draft).catch((error: unknown) => {
      pins.pin(upstream, generation, []);
      this.rebuild();
      report(`what ${upstream} lists could not be pinned, so all of it is hidden: ${String(error)}`);
    });
    this.rebuild();
  }

  #noteDrift(upstream: string, generation: Generation, drift: Drift): void {
    const { recorder, report } = this.#house;
    const key = `${upstream}/${generation}`;
    const told = JSON.stringify(drift);
    const differing = drift.changed.length + drift.added.length + drift.removed.length;
    if (this.#told.get(key) === told || (differing === 0 && !this.#told.has(key))) return;
    this.#told.set(key, told);
    const fields: EntryFields = { kind: 'instance.pin-changed', upstream, generation, ...drift };
    recorder
      .record({ fields })
      .catch((error: unknown) => report(`a change of ${upstream} could not be recorded: ${String(error)}`));
    report(
      differing === 0
        ? `${upstream} lists what is pinned again`
        : `${upstream} lists otherwise than it is pinned; what differs is hidden until \`./lanyard catalog accept ${upstream}\`: ${[...drift.changed, ...drift.added, ...drift.removed].join(', ')}`,
    );
  }
}

/** The entry and the cell of a pin, kept together or not at all. */
function pinDraft(upstream: string, generation: Generation, pinned: ReadonlyMap<string, Definition>): Draft {
  return {
    fields: { kind: 'instance.pinned', upstream, generation, definitions: summarize(pinned.values()) },
    cells: [{ kind: 'pins', key: `${upstream}/${generation}`, value: writePins(pinned) }],
  };
}

/** What the log says of definitions: which, and the digest of each. */
export function summarize(
  definitions: Iterable<Definition>,
): { kind: string; name: string; digest: string }[] {
  return [...definitions].map(({ kind, name, digest }) => ({ kind, name, digest }));
}
