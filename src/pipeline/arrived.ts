import type { Attempt } from '../model/action.ts';
import type { CallControl, Generation } from './ports/call.ts';

/** One request as the door hands it in. */
export interface Arrived {
  readonly attempt: Attempt;
  readonly generation: Generation;
  readonly control: CallControl;
}
