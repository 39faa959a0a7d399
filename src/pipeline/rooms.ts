import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { FileView } from '../catalog/files.ts';
import type { Budgets } from '../containment/budgets.ts';
import type { Marks, Past } from '../history/index.ts';
import type { Admission } from './action/admission.ts';
import type { Pins } from './action/pins.ts';
import type { SessionPins } from './action/session-pins.ts';
import type { Approvals } from './approval/approvals.ts';
import type { Grants } from './approval/grants.ts';
import type { Pauses } from './asks/pauses.ts';
import type { Unreported } from './check/unreported.ts';
import type { InForce } from './in-force.ts';
import type { Upstreams } from './ports/upstream.ts';
import type { Recorder } from './record.ts';
import type { Redactor } from './recording/redact.ts';
import type { Refusals } from './recording/refusals.ts';
import type { Scrubber } from './recording/scrub.ts';
import type { EndsWithToken } from './stop/ends-with-token.ts';
import type { HaltSwitch } from './stop/halt-switch.ts';
import type { Tasks } from './tasks/tasks.ts';

/** Everything that the corridor works with, built once by main/house.ts and handed to every step. */
export interface Rooms {
  readonly clock: Clock;
  readonly ids: Ids;
  /** The set in force now. An action reads it once for each decision. */
  inForce(): InForce;
  /** Whether this token would still be let in; `token` names it without being it. */
  isLive(token: string): boolean;
  /** What ends with the token that it was begun with. */
  readonly endsWithToken: EndsWithToken;
  readonly halt: HaltSwitch;
  readonly marks: Marks;
  readonly approvals: Approvals;
  readonly grants: Grants;
  readonly past: Past;
  readonly budgets: Budgets;
  readonly pauses: Pauses;
  readonly tasks: Tasks;
  readonly pins: Pins;
  readonly sessionPins: SessionPins;
  readonly admission: Admission;
  readonly recorder: Recorder;
  readonly refusals: Refusals;
  readonly unreported: Unreported;
  readonly upstreams: Upstreams;
  /** Real paths of this machine, for targets. */
  readonly files: FileView;
  /** Real paths of what belongs to Lanyard itself: no rule can permit them. */
  readonly protectedPaths: readonly string[];
  readonly scrubber: Scrubber;
  readonly redactor: Redactor;
  /** One line for the operator's eyes (stderr), already without secrets. */
  report(line: string): void;
}

/** As much of it as deciding needs: also there where nothing can be executed or recorded (`decide`, golden cases). */
export type DecidingRooms = Pick<
  Rooms,
  | 'clock'
  | 'ids'
  | 'halt'
  | 'marks'
  | 'past'
  | 'budgets'
  | 'pins'
  | 'files'
  | 'protectedPaths'
  | 'scrubber'
  | 'redactor'
  | 'report'
>;
