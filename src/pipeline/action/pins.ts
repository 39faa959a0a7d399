import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { err, type Result } from '../../base/result.ts';
import { OWN_DEFINITIONS, OWN_UPSTREAM } from '../../catalog/own-server.ts';
import {
  type Definition,
  type DefinitionKind,
  type Hidden,
  keyOf,
  readListed,
} from '../../catalog/pins/definition.ts';
import { comparePins, pinsOf } from '../../catalog/pins/pins.ts';
import { type ArgumentCheck, compileArguments } from '../../catalog/schema/arguments.ts';
import { headerParamsOf } from '../../intake/header-params.ts';
import type { Generation } from '../ports/call.ts';
import type { Definitions } from '../ports/upstream.ts';

/** A definition as a person's configuration first met it, or as somebody accepted it since. */
interface PinnedDefinition extends Definition {
  readonly json: JsonObject;
  /** A tool's input schema; null for what is no tool. */
  readonly inputSchema: JsonObject | null;
  /** Compiled at first use. SCHEMA_UNUSABLE: nothing of it can be called, so nobody is shown it. */
  check(): Result<ArgumentCheck, Problem>;
}

/**
 * How a name stands: `pinned` may be used; `changed` is listed, but not as pinned (also: listed, never accepted);
 * `twice` is listed more than once, and never was pinned; `absent` is not listed; `unseen`: the upstream has not been
 * connected yet, so nothing is known.
 */
type NameStatus =
  | { readonly status: 'pinned'; readonly definition: PinnedDefinition }
  | { readonly status: 'changed' | 'twice' | 'absent' | 'unseen' };

/** Which definitions differ from the pins, by key (`tool echo`). */
export interface Drift {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

interface Shelf {
  readonly pinned: Map<string, PinnedDefinition>;
  /** Digests as last listed; null before the first listing of this process. */
  listed: Map<string, Definition> | null;
  /** What was listed then and cannot be pinned. */
  left: readonly Hidden[];
  /** Keys of those among them whose name stands twice. */
  twice: ReadonlySet<string>;
}

/** What every upstream offers, beside what was pinned of it. */
export class Pins {
  readonly #shelves = new Map<string, Map<Generation, Shelf>>();
  /** Upstreams that have been pinned once, including those of which nothing is pinned now. */
  readonly #met = new Set<string>();
  #version = 0;
  #spoken: (upstream: string) => readonly Generation[] = () => [];

  constructor() {
    this.#pinOwn();
  }

  /** Changes whenever a pin does; what was compared with the pins at another version is to be compared again. */
  get version(): number {
    return this.#version;
  }

  /** Whether anything of the upstream was ever pinned. */
  knows(upstream: string): boolean {
    for (const shelf of this.#shelves.get(upstream)?.values() ?? []) if (shelf.pinned.size > 0) return true;
    return false;
  }

  /** Whether anybody has met the upstream: what it lists is then never taken unseen again. */
  hasMet(upstream: string): boolean {
    return this.#met.has(upstream) || this.knows(upstream);
  }

  /** From the store at start, or where what was there cannot be trusted. */
  recall(upstream: string, generation: Generation, definitions: Iterable<Definition>): void {
    this.#met.add(upstream);
    this.pin(upstream, generation, definitions);
  }

  /** What upstreams speak now, nothing where one is not connected. Set once, before anything is asked. */
  hearWith(spoken: (upstream: string) => readonly Generation[]): void {
    this.#spoken = spoken;
  }

  /**
   * The generation in which a client of `wanted` is met: its own where the upstream speaks it, else the other. What was
   * pinned while it spoke both does not hold its clients to one that it has given up since.
   */
  generationFor(upstream: string, wanted: Generation): Generation {
    const known = [...(this.#shelves.get(upstream)?.keys() ?? [])];
    const spoken = this.#spoken(upstream);
    const isGivenUp = spoken.length > 0 && !spoken.includes(wanted);
    if (known.includes(wanted) && !isGivenUp) return wanted;
    return known.find((one) => one !== wanted && (!isGivenUp || spoken.includes(one))) ?? wanted;
  }

  look(upstream: string, generation: Generation, kind: DefinitionKind, name: string): NameStatus {
    const shelf = this.#shelves.get(upstream)?.get(generation);
    if (shelf === undefined || shelf.listed === null) return { status: 'unseen' };
    const key = keyOf({ kind, name });
    const listed = shelf.listed.get(key);
    const pinned = shelf.pinned.get(key);
    if (listed === undefined) {
      if (!shelf.twice.has(key)) return { status: 'absent' };
      return { status: pinned === undefined ? 'twice' : 'changed' };
    }
    return pinned?.digest === listed.digest
      ? { status: 'pinned', definition: pinned }
      : { status: 'changed' };
  }

  /** Whether the upstream listed more than one thing of this kind and name when it was last looked at. */
  isTwice(upstream: string, generation: Generation, kind: DefinitionKind, name: string): boolean {
    const shelf = this.#shelves.get(upstream)?.get(generation);
    return shelf !== undefined && shelf.twice.size > 0 && shelf.twice.has(keyOf({ kind, name }));
  }

  /** Definitions of a kind that may be shown, in the order listed. */
  usable(upstream: string, generation: Generation, kind: DefinitionKind): PinnedDefinition[] {
    const shelf = this.#shelves.get(upstream)?.get(generation);
    if (shelf?.listed == null) return [];
    const usable: PinnedDefinition[] = [];
    for (const [key, listed] of shelf.listed) {
      const pinned = shelf.pinned.get(key);
      if (listed.kind === kind && pinned?.digest === listed.digest && flawOf(pinned) === null)
        usable.push(pinned);
    }
    return usable;
  }

  /** What it lists that agents are not shown, whatever a person accepts, and why: its words, its name or schema cannot be used. */
  unusable(upstream: string, generation: Generation): Hidden[] {
    const shelf = this.#shelves.get(upstream)?.get(generation);
    if (shelf?.listed == null) return [];
    const flawed = [...shelf.listed.keys()].flatMap((key) => {
      const pinned = shelf.pinned.get(key);
      const why = pinned === undefined ? null : flawOf(pinned);
      if (pinned === undefined || why === null) return [];
      return [{ kind: pinned.kind, name: pinned.name, code: 'SCHEMA_UNUSABLE' as const, why }];
    });
    return [...shelf.left, ...flawed];
  }

  /** Pinned tools and prompts of both generations by key, for the schema that rules are typed against. */
  of(upstream: string): ReadonlyMap<string, PinnedDefinition> {
    const all = new Map<string, PinnedDefinition>();
    const shelves = this.#shelves.get(upstream);
    for (const generation of ['2026', '2025'] as const) {
      for (const [key, definition] of shelves?.get(generation)?.pinned ?? [])
        if (!all.has(key)) all.set(key, definition);
    }
    return all;
  }

  /** Takes what was listed just now; what differs from the pins is hidden from here on. */
  observe(upstream: string, generation: Generation, definitions: Definitions): Drift {
    const shelf = this.#shelf(upstream, generation);
    [shelf.listed, shelf.left] = pinnable(definitions);
    shelf.twice = new Set(shelf.left.flatMap((one) => (one.code === 'LISTED_TWICE' ? [keyOf(one)] : [])));
    return driftOf(shelf.pinned, shelf.listed);
  }

  /** How a session's own list differs from the pins, without taking it for the upstream's. */
  driftOf(upstream: string, generation: Generation, definitions: Definitions): Drift {
    return driftOf(this.#shelf(upstream, generation).pinned, pinnable(definitions)[0]);
  }

  /** Definitions as last listed, by key; null when it has not been connected since the start. */
  listed(upstream: string, generation: Generation): ReadonlyMap<string, Definition> | null {
    return this.#shelves.get(upstream)?.get(generation)?.listed ?? null;
  }

  /** How many names of an upstream are listed otherwise than pinned now, in whichever generation. */
  differing(upstream: string): number {
    const names = new Set<string>();
    for (const { pinned, listed } of this.#shelves.get(upstream)?.values() ?? []) {
      if (listed === null) continue;
      const { changed, added, removed } = driftOf(pinned, listed);
      for (const key of [...changed, ...added, ...removed]) names.add(key);
    }
    return names.size;
  }

  pinned(upstream: string, generation: Generation): ReadonlyMap<string, Definition> {
    return this.#shelves.get(upstream)?.get(generation)?.pinned ?? new Map();
  }

  generations(upstream: string): Generation[] {
    return [...(this.#shelves.get(upstream)?.keys() ?? [])];
  }

  /** Replaces the pins of one generation: at a first connection, after an accept, or from the store at start. */
  pin(upstream: string, generation: Generation, definitions: Iterable<Definition>): void {
    this.#version++;
    const pinned = this.#shelf(upstream, generation).pinned;
    pinned.clear();
    for (const definition of definitions) pinned.set(keyOf(definition), withCheck(definition));
  }

  /** Acts as if every pin were listed: for deciding by the files of an instance that is not running. */
  assumeListed(): void {
    for (const shelves of this.#shelves.values())
      for (const shelf of shelves.values()) shelf.listed = new Map(shelf.pinned);
  }

  /** The same pins but for some upstreams; for trying what a set would be without them. */
  without(upstreams: Iterable<string>): Pins {
    const rest = new Pins();
    for (const [id, shelves] of this.#shelves) rest.#shelves.set(id, shelves);
    for (const id of this.#met) rest.#met.add(id);
    for (const id of upstreams) {
      rest.#shelves.delete(id);
      rest.#met.delete(id);
    }
    return rest;
  }

  /** The same pins but for one generation of an upstream; for trying what an accept would make of them. */
  with(upstream: string, generation: Generation, definitions: Iterable<Definition>): Pins {
    const next = this.without([upstream]);
    if (this.#met.has(upstream)) next.#met.add(upstream);
    for (const [other, shelf] of this.#shelves.get(upstream) ?? [])
      next.pin(upstream, other, shelf.pinned.values());
    next.pin(upstream, generation, definitions);
    return next;
  }

  /** A person took the upstream out of the configuration, or changed what it is. */
  forget(upstream: string): void {
    this.#version++;
    this.#shelves.delete(upstream);
    this.#met.delete(upstream);
    if (upstream === OWN_UPSTREAM) this.#pinOwn();
  }

  /** What is built in is what this code says, in both generations, whatever anybody kept. */
  #pinOwn(): void {
    for (const generation of ['2026', '2025'] as const) {
      this.pin(OWN_UPSTREAM, generation, OWN_DEFINITIONS);
      this.#shelf(OWN_UPSTREAM, generation).listed = new Map(pinsOf(OWN_DEFINITIONS));
    }
  }

  #shelf(upstream: string, generation: Generation): Shelf {
    const shelves = this.#shelves.get(upstream) ?? new Map<Generation, Shelf>();
    this.#shelves.set(upstream, shelves);
    const shelf = shelves.get(generation) ?? { pinned: new Map(), listed: null, left: [], twice: new Set() };
    shelves.set(generation, shelf);
    return shelf;
  }
}

/**
 * What of a listing is pinned, and what is left out of it. Resources are not pinned: they come and go with what a server
 * holds, and are decided one by one; of these only those whose address is listed twice are named as left out. A listing
 * that is too long to be read whole offers nothing.
 */
function pinnable(definitions: Definitions): [Map<string, Definition>, readonly Hidden[]] {
  const read = readListed(definitions);
  if (!read.ok)
    return [new Map(), [{ kind: 'server', name: 'server', code: 'DEFINITION_UNUSABLE', why: read.error }]];
  const pinned = read.value.definitions.filter(({ kind }) => kind !== 'resource');
  const left = read.value.hidden.filter(({ kind, code }) => kind !== 'resource' || code === 'LISTED_TWICE');
  return [new Map(pinsOf(pinned)), left];
}

/** Why nobody could call it; null for what can be called, and for what is no tool. */
function flawOf(pinned: PinnedDefinition): string | null {
  if (pinned.kind !== 'tool') return null;
  const check = pinned.check();
  return check.ok ? null : check.error.sentence;
}

function driftOf(pinned: ReadonlyMap<string, Definition>, listed: ReadonlyMap<string, Definition>): Drift {
  const { changed, added, removed } = comparePins(pinned, listed.values());
  return {
    changed: changed.map((one) => keyOf(one.listed)),
    added: added.map(keyOf),
    removed: removed.map(keyOf),
  };
}

function withCheck(definition: Definition): PinnedDefinition {
  const json = JSON.parse(definition.text) as JsonObject;
  const schema = json['inputSchema'];
  const inputSchema = definition.kind === 'tool' && isJsonObject(schema) ? schema : null;
  let compiled: Result<ArgumentCheck, Problem> | null = null;
  const check = () => {
    compiled ??= compile(inputSchema ?? { type: 'object' });
    return compiled;
  };
  return { ...definition, json, inputSchema, check };
}

/** Marks that leave open which header must agree make it unusable as well: "clients MUST exclude" such a tool (2026-07-28). */
function compile(schema: JsonObject): Result<ArgumentCheck, Problem> {
  const params = headerParamsOf(schema);
  return params.ok ? compileArguments(schema) : err(problem('SCHEMA_UNUSABLE', { what: params.error }));
}
