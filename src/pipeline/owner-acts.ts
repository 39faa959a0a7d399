import { LIMITS } from '../base/limits.ts';
import type { Agent } from '../model/agent.ts';
import type { OperatorAct } from './operate.ts';

/** What owners say of what their agents did. Neither permits anything, so a signed-in person's session is enough. */

/** How an action ended whose end nobody had recorded: she has looked. */
export function resolve(
  action: string,
  agent: Agent,
  ended: 'done' | 'not-done',
  why: string,
): OperatorAct<void> {
  return {
    name: 'resolve',
    unsigned: true,
    about: { agents: [agent] },
    fields: { resolves: action, agent: agent.id, ended, ...whyOf(why) },
    cells: [],
    apply: () => undefined,
  };
}

/** She has looked at what this agent did, up to this place in the log. */
export function review(agent: Agent, upTo: number): OperatorAct<void> {
  return {
    name: 'review',
    unsigned: true,
    about: { agents: [agent] },
    fields: { agent: agent.id, upTo },
    cells: [],
    apply: () => undefined,
  };
}

function whyOf(why: string): { readonly why?: string } {
  return why === '' ? {} : { why: why.slice(0, LIMITS.callerReasonLength).toWellFormed() };
}
