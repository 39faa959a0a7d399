import { keyOf } from '../catalog/definition.ts';
import type { Action } from '../model/action.ts';
import type { Pins } from './pins.ts';
import type { Definitions, UpstreamSession } from './ports.ts';

/**
 * An agent's own session with an upstream may list otherwise than the pins: a server can tell whom it is talking to.
 * That is a change for that agent alone. What a session lists is compared once, and again when it lists anew or
 * the pins change.
 */
export class SessionPins {
  readonly #pins: Pins;
  readonly #seen = new WeakMap<
    UpstreamSession,
    { definitions: Definitions; version: number; differing: ReadonlySet<string> }
  >();

  constructor(pins: Pins) {
    this.#pins = pins;
  }

  /** Whether this session lists the action's operation exactly as it is pinned. */
  holds(action: Action, session: UpstreamSession): boolean {
    if (action.method === 'resources/read') return true;
    const kind = action.method === 'tools/call' ? 'tool' : 'prompt';
    return !this.#differing(action.upstream, session).has(keyOf({ kind, name: action.name }));
  }

  #differing(upstream: string, session: UpstreamSession): ReadonlySet<string> {
    const definitions = session.definitions();
    const seen = this.#seen.get(session);
    const { version } = this.#pins;
    if (seen?.definitions === definitions && seen.version === version) return seen.differing;
    const drift = this.#pins.driftOf(upstream, session.generation, definitions);
    const differing = new Set([...drift.changed, ...drift.added, ...drift.removed]);
    this.#seen.set(session, { definitions, version, differing });
    return differing;
  }
}
