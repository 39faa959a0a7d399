import type { Clock } from '../../base/clock.ts';
import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Definition } from '../../catalog/pins/definition.ts';
import { writePins } from '../../catalog/pins/pins.ts';
import type { CellChange } from '../../store/store.ts';
import type { Pins } from '../action/pins.ts';
import { type Holder, mintToken, type Tokens } from '../credentials/tokens.ts';
import type { InForce, SetParts } from '../in-force.ts';
import type { OperatorAct } from '../operate.ts';
import type { Generation } from '../ports/call.ts';
import { type Standing, summarize } from '../standing.ts';
import { keepable } from '../stop/stop.ts';
import type { About } from './rights.ts';

/** The acts of the operator's table, each as what it records, what it stores and what it does. */

/** `about`: the agents that the token speaks for. The digest in the entry is of what is kept, hash and expiry included. */
export function makeToken(
  tokens: Tokens,
  clock: Clock,
  holder: Holder,
  ttlMs: number,
  about: About = {},
): OperatorAct<string> {
  const { token, record } = mintToken(holder, clock.now(), ttlMs);
  const kept = JSON.stringify(record);
  return {
    name: 'token',
    about,
    fields: {
      ...holder,
      token: record.id,
      expiresAt: toInstant(record.expiresAtMs),
      verifier: digestOf(kept),
    },
    cells: [{ kind: 'token', key: record.id, value: kept }],
    apply() {
      tokens.put(record);
      return token;
    },
  };
}

/** Ends every token of an agent or a point. Resolves to how many. */
export function revokeTokens(tokens: Tokens, holder: Holder): OperatorAct<number> {
  const ids = tokens.of(holder).map((record) => record.id);
  return {
    name: 'revoke',
    fields: { ...holder, tokens: ids },
    cells: ids.map((id) => ({ kind: 'token', key: id, value: null })),
    apply() {
      for (const id of ids) tokens.remove(id);
      return ids.length;
    },
  };
}

const MOVED = problem('SET_MOVED');

export interface Application {
  readonly parts: SetParts;
  readonly inForce: InForce;
  /** RFC 8785 text of the set, kept by its digest. */
  readonly text: string;
  /** What differs from the set in force, a line each. */
  readonly changes: readonly string[];
  readonly tightens: boolean;
  /** What people's browsers call `control`: where what they sign from now on may be signed. */
  readonly origins: readonly string[];
  /** Upstreams that are gone or another server now: their pins go with them. */
  readonly anew: readonly string[];
  /** Agents that a backup had taken over, and of which this set says otherwise. */
  readonly handedBack?: readonly string[];
  /** The question with which it was offered to have rules ask less, those rules, and what they are not to ask about. */
  readonly asksLess?: JsonObject;
}

export function apply(
  standing: Standing,
  pins: Pins,
  application: Application,
  afterwards: () => void,
): OperatorAct<void> {
  const { parts, inForce, text, changes, tightens, anew, handedBack = [], origins, asksLess } = application;
  const before = standing.inForce;
  const oldPins = anew.flatMap((id) => pins.generations(id).map((generation) => `${id}/${generation}`));
  return {
    name: 'apply',
    tightens,
    fields: {
      set: parts.digest,
      policy: inForce.policy.digest,
      changes: changes.slice(0, 200),
      ...(origins.length === 0 ? {} : { origins }),
      ...(oldPins.length === 0 ? {} : { unpinned: oldPins }),
      ...(handedBack.length === 0 ? {} : { handedBack }),
      ...(asksLess === undefined ? {} : { asksLess }),
    },
    refuse: async () => (standing.inForce === before ? null : MOVED),
    cells: [
      { kind: 'set', key: parts.digest, value: text },
      { kind: 'in-force', key: 'set', value: parts.digest },
      ...oldPins.map((key) => ({ kind: 'pins', key, value: null })),
      ...handedBack.map((key) => ({ kind: 'owner', key, value: null })),
    ],
    apply() {
      for (const id of anew) pins.forget(id);
      standing.replace(parts, inForce);
      afterwards();
    },
  };
}

/** The pins that one upstream has from now on in one generation. */
interface NextPins {
  readonly upstream: string;
  readonly generation: Generation;
  /** All of them, by key (`pinsAfter`). */
  readonly next: ReadonlyMap<string, Definition>;
  /** The keys of those that are taken as listed. */
  readonly accepted: readonly string[];
}

/** Pins what is listed now, for one name or for all of an upstream's generation. */
export function accept(
  pins: Pins,
  standing: Standing,
  { upstream, generation, next, accepted }: NextPins,
): OperatorAct<void> {
  const before = standing.inForce;
  return {
    name: 'accept',
    refuse: async () => (standing.inForce === before ? null : MOVED),
    fields: {
      upstream,
      generation,
      accepted,
      definitions: summarize(next.values()),
    },
    cells: [{ kind: 'pins', key: `${upstream}/${generation}`, value: writePins(next) }],
    apply() {
      pins.pin(upstream, generation, next.values());
      standing.rebuild();
    },
  };
}

/** The pins that accepting `keys` of what is listed would make: accepted names as listed, the others as they were. */
export function pinsAfter(
  pinned: ReadonlyMap<string, Definition>,
  listed: ReadonlyMap<string, Definition>,
  keys: ReadonlySet<string>,
): Map<string, Definition> {
  const next = new Map<string, Definition>(pinned);
  for (const key of keys) {
    const definition = listed.get(key);
    if (definition === undefined) next.delete(key);
    else next.set(key, definition);
  }
  return next;
}

/** Somebody has seen it: an alert, or what could not be delivered over a lane. `what` names it. */
export function acknowledge(what: JsonObject, why: string | undefined, about: About): OperatorAct<void> {
  return {
    name: 'acknowledge',
    about,
    fields: { ...what, ...(why === undefined ? {} : { why: keepable(why) }) },
    cells: [],
    apply: () => undefined,
  };
}

/** A browser of this person is told from now on; `channel` names it. */
export function subscribe(
  person: string,
  channel: string,
  cells: readonly CellChange[],
  apply: () => void,
): OperatorAct<void> {
  return { name: 'subscribe', about: { person }, fields: { reaches: person, channel }, cells, apply };
}

export function unsubscribe(
  person: string,
  channel: string,
  cells: readonly CellChange[],
  apply: () => void,
): OperatorAct<void> {
  return { name: 'unsubscribe', about: { person }, fields: { reaches: person, channel }, cells, apply };
}
