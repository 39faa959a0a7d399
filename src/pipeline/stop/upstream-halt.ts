import type { Agent } from '../../model/agent.ts';
import type { Level } from '../../model/level.ts';
import type { HaltSwitch } from './halt-switch.ts';
import type { Live } from './live.ts';

/**
 * The halt switch as upstream clients see it: what they keep alive for agents is cut by a stop, and nothing new is opened
 * under one. `about` needs no owner: she is looked up here.
 */
export interface UpstreamHalt {
  register(
    live: Omit<Live, 'about'> & { readonly about: { readonly agent: string; readonly upstream: string } },
  ): () => void;
  /** Whether something new may be opened for this agent (null: for none in particular) at that upstream now. */
  mayOpen(agent: string | null, upstream: string): boolean;
}

export const NEVER_HALTED: UpstreamHalt = { register: () => () => undefined, mayOpen: () => true };

/** `agentOf`: an agent in force now. Of one that is not, nothing may be opened. */
export function upstreamHalt(halt: HaltSwitch, agentOf: (id: string) => Agent | undefined): UpstreamHalt {
  return {
    register: (live) => {
      const owner = agentOf(live.about.agent)?.owner;
      const about = { ...live.about, ...(owner === undefined ? {} : { owner }) };
      return halt.register({ ...live, about });
    },
    mayOpen(id, upstream) {
      if (id === null) return isRunning(halt.setFor({ agent: '' }, { upstream }));
      const agent = agentOf(id);
      return agent !== undefined && halt.refusal(agent, { upstream }) === null;
    },
  };
}

const isRunning = (level: Level) => level === 'live' || level === 'watched';
