/** history: what agents and their sessions have been through, as state that is offered to rules. Pure; time is handed in. */

export { type Held, Marks, type Who } from './marks.ts';
export { Past, readUsedKey, type Step, usedKey } from './past.ts';
