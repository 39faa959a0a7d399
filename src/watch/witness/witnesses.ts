import type { Checkpoint, VerifierKey } from '../../ledger/index.ts';
import { compareWitnessed, describeAhead, type Here } from './comparison.ts';
import { FileLink } from './file-link.ts';
import type { WitnessLink } from './link.ts';
import type { WitnessPlace } from './place.ts';
import { WebLink } from './web-link.ts';
import { Witness } from './witness.ts';

interface WitnessesParts {
  readonly key: VerifierKey;
  readonly origin: string;
  /** The places in force now. */
  places(): readonly WitnessPlace[];
  log(line: string): void;
  /** A witness has what the state has not: everything must stop. */
  onAhead(why: string): void;
}

/** What a look at every witness came to. */
interface Look {
  /** Lines for a person, where a witness has what the state has not; null where none has. */
  readonly ahead: readonly string[] | null;
  /** Checkpoints below the state's own, for whoever reads the whole log. */
  readonly earlier: readonly Checkpoint[];
}

/** All witnesses in force: asked at start what they have, and sent each checkpoint once it is durable. */
export class Witnesses {
  readonly #parts: WitnessesParts;
  #places: readonly WitnessPlace[] = [];
  #witnesses: readonly Witness[] = [];
  #newest: Here = { size: 0, root: new Uint8Array(32), note: '' };

  constructor(parts: WitnessesParts) {
    this.#parts = parts;
  }

  /** In the order of the configuration. */
  get all(): readonly Witness[] {
    this.#follow();
    return this.#witnesses;
  }

  /** The first look, before anything is added to the log; `here` is what it was found with. */
  begin(here: Here): Promise<Look> {
    this.#newest = here;
    return this.look();
  }

  /** Asks every witness what it has, each within its time. */
  async look(): Promise<Look> {
    const looks = await Promise.all(this.all.map((witness) => this.#lookAt(witness)));
    const ahead = looks.flatMap((look) => look.ahead ?? []);
    return { ahead: ahead.length === 0 ? null : ahead, earlier: looks.flatMap((look) => look.earlier) };
  }

  /** A checkpoint is durable. */
  offer(here: Here): void {
    // Commits that are under way at once may be told of in another order than they were made in.
    if (here.size < this.#newest.size) return;
    this.#newest = here;
    for (const witness of this.all) witness.offer(here.note);
  }

  async end(): Promise<void> {
    await Promise.all(this.#witnesses.map((witness) => witness.end()));
  }

  /** An `apply` may have taken places away, or added some. */
  #follow(): void {
    const places = this.#parts.places();
    if (places === this.#places) return;
    const kept = new Map(this.#witnesses.map((witness) => [witness.label, witness]));
    this.#places = places;
    this.#witnesses = places.map((place) => {
      const known = kept.get(place.label);
      kept.delete(place.label);
      return known ?? this.#open(place);
    });
    for (const gone of kept.values()) void gone.end();
  }

  #open(place: WitnessPlace): Witness {
    const witness: Witness = new Witness({
      label: place.label,
      link: linkTo(place, this.#parts.origin),
      log: this.#parts.log,
      onAhead: (text) => {
        const found = compareWitnessed(text, this.#parts.key, this.#newest);
        if (found.kind !== 'ahead') return;
        witness.aheadOf = this.#newest;
        for (const line of describeAhead(place.label, found)) this.#parts.log(line);
        this.#parts.onAhead(`the state is behind its witness ${place.label}`);
      },
    });
    return witness;
  }

  async #lookAt(witness: Witness): Promise<Look> {
    const text = await witness.recall();
    // Only now: what was sent while it answered may be in the answer. One that is ahead was sent nothing since.
    const here = witness.aheadOf ?? this.#newest;
    if (text === null) {
      if (here.note !== '') witness.offer(here.note);
      const still = `witness ${witness.label} had what the state has not, and cannot be asked now`;
      return { ahead: witness.aheadOf === null ? null : [still], earlier: [] };
    }
    const found = compareWitnessed(text, this.#parts.key, here);
    if (found.kind === 'ahead') {
      witness.aheadOf = here;
      return { ahead: describeAhead(witness.label, found), earlier: [] };
    }
    witness.aheadOf = null;
    if (!found.isUpToDate && here.note !== '') witness.offer(here.note);
    if (found.strange > 0 && found.earlier.length === 0 && here.size === 0)
      this.#parts.log(
        `witness ${witness.label} has ${found.strange} checkpoints of other logs and none of this one; was there a state before this?`,
      );
    return { ahead: null, earlier: found.earlier };
  }
}

function linkTo(place: WitnessPlace, origin: string): WitnessLink {
  return place.kind === 'file' ? new FileLink(place.path, origin) : new WebLink(place.url, origin);
}
