import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { DEFINITION_KINDS, type Definition, keyOf } from './definition.ts';

/** What one upstream listed in one generation when it was accepted, by `keyOf`. */
export type Pins = ReadonlyMap<string, Definition>;

export function pinsOf(definitions: Iterable<Definition>): Pins {
  return new Map([...definitions].map((definition) => [keyOf(definition), definition]));
}

interface PinChange {
  readonly pinned: Definition;
  readonly listed: Definition;
}

/** How what is listed differs from what is pinned. Only `same` may be shown and called. */
interface PinComparison {
  readonly same: readonly Definition[];
  readonly changed: readonly PinChange[];
  readonly added: readonly Definition[];
  readonly removed: readonly Definition[];
}

export function comparePins(pinned: Pins, listed: Iterable<Definition>): PinComparison {
  const same: Definition[] = [];
  const changed: PinChange[] = [];
  const added: Definition[] = [];
  const seen = new Set<string>();
  for (const definition of listed) {
    const key = keyOf(definition);
    seen.add(key);
    const pin = pinned.get(key);
    if (pin === undefined) added.push(definition);
    else if (pin.digest === definition.digest) same.push(pin);
    else changed.push({ pinned: pin, listed: definition });
  }
  const removed = [...pinned].filter(([key]) => !seen.has(key)).map(([, pin]) => pin);
  return { same, changed, added, removed };
}

/** Pins as one canonical text, for keeping. */
export function writePins(pins: Pins): string {
  return canonicalize(
    Object.fromEntries([...pins].map(([key, { kind, name, text }]) => [key, { kind, name, text }])),
  );
}

/** Reads what `writePins` wrote; digests are computed again and not believed. The error says what is broken. */
export function readPins(text: string): Result<Pins, string> {
  let kept: Json;
  try {
    kept = JSON.parse(text);
  } catch {
    return err('the pins are no JSON');
  }
  if (!isJsonObject(kept)) return err('the pins are no object');
  const pins = new Map<string, Definition>();
  for (const [key, pin] of Object.entries(kept)) {
    if (!isJsonObject(pin)) return err(`the pin "${key}" is no object`);
    const kind = DEFINITION_KINDS.find((one) => one === pin['kind']);
    const { name, text: definition } = pin;
    if (kind === undefined || typeof name !== 'string' || typeof definition !== 'string')
      return err(`the pin "${key}" is not whole`);
    if (key !== keyOf({ kind, name })) return err(`the pin "${key}" is of another definition`);
    pins.set(key, { kind, name, text: definition, digest: digestOf(definition) });
  }
  return ok(pins);
}
