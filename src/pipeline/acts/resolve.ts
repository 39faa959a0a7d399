import type { Agent } from '../../model/agent.ts';
import type { OperatorAct } from '../operate.ts';
import { reasonField } from './reason-field.ts';

/** A person says how an action really ended whose end nobody had recorded. That permits nothing, so her session is enough. */
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
    fields: { resolves: action, agent: agent.id, ended, ...reasonField(why) },
    cells: [],
    apply: () => undefined,
  };
}
