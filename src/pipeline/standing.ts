import { digestOf } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Definition, Hidden } from '../catalog/pins/definition.ts';
import { writePins } from '../catalog/pins/pins.ts';
import type { EntryFields } from '../contract/log-entry.ts';
import type { PolicyProblem } from '../policy/index.ts';
import type { Drift, Pins } from './action/pins.ts';
import { compileAhead, compileInForce, type InForce, type SetParts } from './in-force.ts';
import type { Generation } from './ports/call.ts';
import type { OnListed, Upstreams } from './ports/upstream.ts';
import type { Recorder } from './record.ts';
import type { Draft } from './recording/draft.ts';

interface StandingDeps {
  readonly pins: Pins;
  readonly recorder: Recorder;
  readonly upstreams: Upstreams;
  report(line: string): void;
}

/**
 * Keeps what is in force, and swaps it as a whole: after an apply, after an accept, and when an upstream is pinned for the
 * first time. Where an upstream lists otherwise than its pins, what differs is hidden, and nothing else changes.
 */
export class Standing {
  readonly #deps: StandingDeps;
  #parts: SetParts;
  #inForce: InForce;
  /** Upstreams that were never pinned, each with the generations that it has listed since. */
  readonly #fresh = new Map<string, Set<Generation>>();
  /** The drift that was reported last, by upstream and generation. */
  readonly #told = new Map<string, string>();
  /** What each upstream listed last, and the version of the pins that it was compared with. */
  readonly #seen = new Map<string, { readonly digest: string; readonly version: number }>();
  /** Whether first pins are gathered now, and what is due then. */
  #gathering = 0;
  #due: NodeJS.Timeout | null = null;
  #rebuilding: Promise<void> = Promise.resolve();
  /** Resources as last listed, by upstream and generation: they are not pinned. */
  readonly #resources = new Map<string, { readonly items: readonly JsonObject[]; readonly digest: string }>();
  readonly #watchers: (() => void)[] = [];

  constructor(deps: StandingDeps, parts: SetParts, inForce: InForce) {
    this.#deps = deps;
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

  /** `then` is called when what is in force, or what an upstream lists, has changed. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  /** What an upstream listed of its resources when it was last looked at. */
  resources(upstream: string, generation: Generation): readonly JsonObject[] {
    return this.#resources.get(`${upstream}/${generation}`)?.items ?? [];
  }

  /** What `parts` would be in force as, without taking it. */
  try(parts: SetParts): Result<InForce, readonly PolicyProblem[]> {
    return compileInForce(parts, this.#deps.pins, 'error');
  }

  replace(parts: SetParts, inForce: InForce): void {
    this.#parts = parts;
    this.#inForce = inForce;
    this.#findFresh();
    this.#changed();
  }

  /** The same set, but other people answer for some of its agents. If the rules do not fit that, what is in force stays. */
  reown(owned: (parts: SetParts) => SetParts): void {
    this.#parts = owned(this.#parts);
    this.rebuild();
  }

  /** After the pins changed: rules are typed against them. A rule that fits no more hides what it does not fit. */
  rebuild(): Result<void, readonly PolicyProblem[]> {
    const built = compileInForce(this.#parts, this.#deps.pins, 'hide');
    if (!built.ok) {
      for (const found of built.error) this.#deps.report(ruleLine(found));
      return err(built.error);
    }
    this.#inForce = built.value;
    this.#changed();
    for (const found of built.value.policy.warnings) this.#deps.report(ruleLine(found));
    return ok(undefined);
  }

  /** Upstream clients call this whenever the session that belongs to no agent has seen lists. */
  readonly onListed: OnListed = (upstream, generation, definitions) => {
    const key = `${upstream}/${generation}`;
    const digest = digestOf(JSON.stringify(definitions));
    const seen = this.#seen.get(key);
    if (seen?.digest === digest && seen.version === this.#deps.pins.version) return;
    const before = this.#deps.pins.listed(upstream, generation);
    const drift = this.#deps.pins.observe(upstream, generation, definitions);
    const moved = !sameDefinitions(before, this.#deps.pins.listed(upstream, generation));
    if (this.#isFirst(upstream, generation)) this.#pinFirst(upstream, generation);
    else this.#noteDrift(upstream, generation, drift);
    this.#noteUnusable(upstream, generation);
    if (this.#keepResources(upstream, generation, definitions.resources) || moved) this.#changed();
    this.#seen.set(key, { digest, version: this.#deps.pins.version });
  };

  /**
   * While `work` runs, upstreams that are pinned for the first time share one compilation of the rules, because one for each
   * would hold up the others. Until then what they list is hidden, for LIMITS.firstPinsMs at most.
   */
  async gather(work: () => Promise<void>): Promise<void> {
    this.#gathering++;
    try {
      await work();
    } finally {
      this.#gathering--;
      await (this.#due === null ? this.#rebuilding : this.#rebuildDue());
    }
  }

  /** After a start found other pins kept than the log says: only `trusted` stays, the rest is hidden until somebody accepts it. */
  mendPins(upstream: string, generation: Generation, trusted: ReadonlyMap<string, Definition>): void {
    const { pins, recorder } = this.#deps;
    pins.recall(upstream, generation, trusted.values());
    this.#fresh.delete(upstream);
    const { fields, cells } = pinDraft(upstream, generation, trusted);
    recorder.owe({ fields: { ...fields, mended: true }, ...(cells === undefined ? {} : { cells }) });
    this.rebuild();
  }

  #rebuildSoon(): void {
    if (this.#gathering === 0) this.rebuild();
    else this.#due ??= setTimeout(() => void this.#rebuildDue(), LIMITS.firstPinsMs).unref();
  }

  #rebuildDue(): Promise<void> {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    this.#rebuilding = compileAhead(this.#parts, this.#deps.pins, 'hide').then(() => void this.rebuild());
    return this.#rebuilding;
  }

  #keepResources(upstream: string, generation: Generation, items: readonly JsonObject[]): boolean {
    const key = `${upstream}/${generation}`;
    const digest = digestOf(JSON.stringify(items));
    const isNew = this.#resources.get(key)?.digest !== digest;
    this.#resources.set(key, { items, digest });
    return isNew;
  }

  #changed(): void {
    for (const then of this.#watchers) then();
  }

  #findFresh(): void {
    for (const { id } of this.#parts.upstreams)
      if (!this.#deps.pins.hasMet(id)) this.#fresh.set(id, new Set());
  }

  #isFirst(upstream: string, generation: Generation): boolean {
    const met = this.#fresh.get(upstream);
    if (met === undefined) return false;
    const spoken = this.#deps.upstreams.get(upstream)?.generations() ?? [];
    met.add(generation);
    if (spoken.every((one) => met.has(one))) this.#fresh.delete(upstream);
    return true;
  }

  /** The first connection after a person configured the upstream: she accepts what it lists by that. */
  #pinFirst(upstream: string, generation: Generation): void {
    const { pins, recorder, report } = this.#deps;
    const listed = pins.listed(upstream, generation) ?? new Map<string, Definition>();
    pins.pin(upstream, generation, listed.values());
    const draft = pinDraft(upstream, generation, listed);
    recorder.record(draft).catch((error: unknown) => {
      pins.pin(upstream, generation, []);
      this.rebuild();
      report(`what ${upstream} lists could not be pinned, so all of it is hidden: ${String(error)}`);
    });
    this.#rebuildSoon();
  }

  #noteUnusable(upstream: string, generation: Generation): void {
    const unusable = this.#deps.pins.unusable(upstream, generation);
    if (unusable.length === 0) return;
    this.#deps.report(`${upstream} lists what agents are not shown: ${sayUnusable(unusable)}`);
  }

  #noteDrift(upstream: string, generation: Generation, drift: Drift): void {
    const { recorder, report } = this.#deps;
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

/** In one line, bounded: which they are, and why. */
export function sayUnusable(unusable: readonly Hidden[]): string {
  const said = unusable
    .slice(0, LIMITS.unusableNamed)
    .map(({ kind, name, code, why }) => `${kind} ${name.slice(0, 128) || '(no name)'}: ${why} (${code})`);
  const more = unusable.length - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function sameDefinitions(
  before: ReadonlyMap<string, Definition> | null,
  now: ReadonlyMap<string, Definition> | null,
): boolean {
  if (before === null || now === null || before.size !== now.size) return false;
  for (const [key, { digest }] of now) if (before.get(key)?.digest !== digest) return false;
  return true;
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

function ruleLine({ file, line, message, hint }: PolicyProblem): string {
  return `rules: ${file}:${line}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
