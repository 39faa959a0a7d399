import { keyOf } from '../../catalog/pins/definition.ts';
import { type Action, CONNECT, completedTemplate } from '../../model/action.ts';
import { isAskMethod } from '../../model/ask.ts';
import type { Definitions, UpstreamSession } from '../ports/upstream.ts';
import type { Pins } from './pins.ts';

/** Resources are not pinned; a template is, and it is asked for where one is completed. */
const KINDS = { 'tools/call': 'tool', 'prompts/get': 'prompt', 'resources/read': 'template' } as const;

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

  /** Whether this session lists the action's operation exactly as it is pinned, and as it was decided on. */
  holds(action: Action, session: UpstreamSession): boolean {
    // What an upstream asks is no definition, and neither is a tunnel.
    if (action.method === CONNECT || isAskMethod(action.method)) return true;
    const kind = KINDS[action.method];
    const name = kind === 'template' ? completedTemplate(action) : action.name;
    if (name === null) return true;
    const key = keyOf({ kind, name });
    const pinned = this.#pins.pinned(action.upstream, session.generation).get(key);
    // An upstream may come back in its other generation while its call waits.
    const isDecided = action.pin === null || action.pin === pinned?.digest;
    return isDecided && !this.#differing(action.upstream, session).has(key);
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
