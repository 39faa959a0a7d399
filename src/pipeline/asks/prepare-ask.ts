import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Attempt } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import { type AskMethod, askKindOf } from '../../model/ask.ts';
import { actionOf } from '../action/action.ts';
import type { Prepared } from '../action/prepare.ts';
import type { UpstreamInForce } from '../in-force.ts';
import { addressesIn, openable } from '../recording/ask-text.ts';
import type { DecidingRooms } from '../rooms.ts';

/** How each kind of ask is named in a sentence. */
export const ASKED_FOR = {
  elicitation: 'input from a person (elicitation)',
  sampling: 'an answer of its model (sampling)',
  roots: 'the directories it may work in (roots)',
} as const;

/**
 * From what an upstream asks to an action of the agent in whose call it asks. What `may:` does not name, or would send a
 * person to an address that `mayOpen:` does not name, becomes an action that can only be denied.
 */
export function prepareAsk(
  rooms: DecidingRooms,
  agent: Agent,
  upstream: UpstreamInForce,
  attempt: Attempt,
  method: AskMethod,
): Prepared {
  const kind = askKindOf(method);
  const { args, refused } =
    kind === 'elicitation'
      ? readAddresses(upstream, attempt.arguments)
      : { args: attempt.arguments, refused: null };
  const blocked = upstream.asks.kinds.has(kind)
    ? refused
    : problem('ASK_NOT_ALLOWED', { upstream: upstream.id, what: ASKED_FOR[kind] });
  const clean = (text: string) => rooms.redactor.redact(rooms.scrubber.scrub(text));
  const target = { type: 'Target', id: upstream.id, ancestors: [], attributes: { id: upstream.id } };
  const whole = { owner: agent.owner, pin: null, targets: [target], arguments: args };
  return {
    kind: 'ready',
    agent,
    action: actionOf(rooms.ids(), attempt, whole, clean),
    extra: {},
    blocked,
    // What it writes to the person or the model is a stranger's text; roots are ours.
    brings: kind === 'roots' ? [] : ['untrusted'],
  };
}

/** An elicitation with its address in normal form and the host beside it; every other address that it shows is held to the same list. */
function readAddresses(
  upstream: UpstreamInForce,
  asked: JsonObject,
): { readonly args: JsonObject; readonly refused: Problem | null } {
  const { hosts } = upstream.asks;
  const { url, ...shown } = asked;
  for (const address of addressesIn(shown)) {
    if (openable(address, hosts) === null) return { args: asked, refused: misdirected(upstream.id, address) };
  }
  if (asked['mode'] !== 'url') return { args: asked, refused: null };
  const open = openable(String(url), hosts);
  return open === null
    ? { args: asked, refused: misdirected(upstream.id, String(url)) }
    : { args: { ...asked, ...open }, refused: null };
}

function misdirected(upstream: string, address: string): Problem {
  return problem('ASK_ADDRESS', { upstream, address });
}
