/** history: what agents and their sessions have been through, as state that is offered to rules. Pure; time is handed in. */

export type { Step, Traits } from './agent-past.ts';
export { type Held, Marks, type Who } from './marks.ts';
export { Past, readUsedKey, usedKey } from './past.ts';
