import type { Problem } from '../base/errors.ts';
import type { Person } from '../model/person.ts';
import type { Passkeys } from '../pipeline/passkeys.ts';
import type { Operations } from './operations.ts';
import type { Sessions } from './sessions.ts';

/** All that control/ sees of the instance; main/ builds it. Each noun adds a member here and fills it there. */
export interface ControlPort {
  readonly version: string;
  readonly passkeys: Passkeys;
  readonly sessions: Sessions;
  /** A person of the set in force, disabled ones included. */
  person(id: string): Person | undefined;
  people(): readonly Person[];
  /** What an operator can do, done as this signed-in person; what widens waits for her signature (changes.ts). */
  operations(as: Person): Operations;
  /** An agent's or a point's token on a route for people: counted, and told in the log (`instance.refused`). Null: it is none. */
  refuseAgent(bearer: string): Problem | null;
}
