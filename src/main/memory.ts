import type { Clock } from '../base/clock.ts';
import { OWN_UPSTREAM } from '../catalog/own-server.ts';
import { readPins } from '../catalog/pins/pins.ts';
import { isScope } from '../containment/levels.ts';
import type { Marks } from '../history/index.ts';
import type { Level } from '../model/level.ts';
import { isLevel } from '../model/level.ts';
import { readMarkCell } from '../pipeline/action/marks.ts';
import type { Pins } from '../pipeline/action/pins.ts';
import { type Passkey, Passkeys } from '../pipeline/credentials/passkeys.ts';
import { StopCodes } from '../pipeline/credentials/stop-codes.ts';
import { type StopKey, StopKeys } from '../pipeline/credentials/stop-keys.ts';
import { type Invitation, Tickets } from '../pipeline/credentials/tickets.ts';
import type { TokenRecord, Tokens } from '../pipeline/credentials/tokens.ts';
import type { HaltSwitch } from '../pipeline/stop/halt-switch.ts';
import type { Store } from '../store/store.ts';
import { StartFailure } from './start-failure.ts';

/** What an instance remembers besides its log: cells of the store, read at start into memory. */
interface Remembered {
  readonly pins: Pins;
  readonly tokens: Tokens;
  readonly halt: HaltSwitch;
  readonly marks: Marks;
  readonly passkeys: Passkeys;
  readonly tickets: Tickets;
  readonly stopKeys: StopKeys;
  readonly stopCodes: StopCodes;
}

/** Where nobody signs anything: what is read beside an instance. */
export function nobody(clock: Clock): Pick<Remembered, 'passkeys' | 'tickets' | 'stopKeys' | 'stopCodes'> {
  return {
    passkeys: new Passkeys(clock),
    tickets: new Tickets(clock),
    stopKeys: new StopKeys(),
    stopCodes: new StopCodes(),
  };
}

/** What is pinned now. */
export async function recallPins(store: Store, into: Pins): Promise<void> {
  for (const { key, value } of await store.cells('pins')) {
    const [upstream, generation] = key.split('/');
    // What is built in is pinned by the code, whatever is kept under its name.
    if (upstream === OWN_UPSTREAM) continue;
    if (upstream !== undefined && (generation === '2026' || generation === '2025')) {
      const pins = readPins(value);
      if (!pins.ok) throw new StartFailure([`What is pinned of ${upstream} cannot be read: ${pins.error}.`]);
      into.recall(upstream, generation, pins.value.values());
    }
  }
}

export async function recall(store: Store, into: Remembered, nowMs: number): Promise<void> {
  await recallPins(store, into.pins);
  for (const { value } of await store.cells('token')) into.tokens.put(JSON.parse(value) as TokenRecord);
  for (const { value } of await store.cells('stop-key')) into.stopKeys.put(JSON.parse(value) as StopKey);
  for (const { key, value } of await store.cells('stop-codes'))
    into.stopCodes.set(key, JSON.parse(value) as string[]);
  for (const { value } of await store.cells('passkey')) into.passkeys.put(JSON.parse(value) as Passkey);
  for (const { value } of await store.cells('invitation'))
    into.tickets.putInvitation(JSON.parse(value) as Invitation);
  for (const { key, value } of await store.cells('recovery'))
    into.tickets.setRecovery(key, JSON.parse(value) as string[]);
  // For good: also where somebody took the last passkey out of the state.
  for await (const page of store.find({ kinds: ['person.enrolled'] }))
    if (page.length > 0) into.passkeys.claim();
  for (const cell of await store.cells('mark')) {
    const held = readMarkCell(cell, nowMs);
    if (held !== null) into.marks.recall(held, nowMs);
  }
  for (const { key, value } of await store.cells('level')) {
    // A level that cannot be read is the strictest that can be taken back: everything stands still.
    if (isScope(key) && isLevel(value)) into.halt.set(key, value as Level);
    else into.halt.freezeForFault(`the stored level of ${key} cannot be read`);
  }
}

/** The text of the set in force; null in an empty state. */
export async function recallSet(store: Store): Promise<string | null> {
  const digest = await store.cell('in-force', 'set');
  return digest === null ? null : store.cell('set', digest);
}
