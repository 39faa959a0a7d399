import type { Problem } from '../base/errors.ts';
import type { Person } from '../model/person.ts';
import type { Passkeys } from '../pipeline/credentials/passkeys.ts';
import type { Proof } from '../pipeline/credentials/proof.ts';
import type { StopCodes } from '../pipeline/credentials/stop-codes.ts';
import type { StopKeys } from '../pipeline/credentials/stop-keys.ts';
import type { Tickets } from '../pipeline/credentials/tickets.ts';
import type { StopDesk } from './brake/stop-desk.ts';
import type { Operations, UnconfirmedAct } from './operations.ts';
import type { Ceremonies } from './people/ceremonies.ts';
import type { Change, Changes } from './people/changes.ts';
import type { Enrolment } from './people/enrolment.ts';
import type { Sessions } from './people/sessions.ts';
import type { Reads } from './reads.ts';

/** Figures and the log's tree: they name nobody and nothing. */
export interface OpenReads {
  /** Null while a decision could be made and recorded; else why not. */
  whyUnwell(): Promise<Problem | null>;
  metrics(): string;
  checkpoint(): Promise<string | null>;
  /** What C2SP tlog-tiles puts under `/tile/`; null where there is none. */
  tile(name: string): Promise<Uint8Array | null>;
}

/** `none`: there is no address, or nothing that sends mail. `code`: of a try that failed, in our own words. */
export type Mailed = { readonly mailed: true } | { readonly mailed: false; readonly code: string };

/** All that control/ sees of the instance; main/ builds it. Each noun adds a member here and fills it there. */
export interface ControlPort {
  readonly version: string;
  readonly passkeys: Passkeys;
  readonly tickets: Tickets;
  readonly stopKeys: StopKeys;
  readonly stopCodes: StopCodes;
  /** The topic that saved pages send to; null without one. */
  stopTopic(): string | null;
  readonly sessions: Sessions;
  readonly ceremonies: Ceremonies;
  readonly changes: Changes;
  readonly enrolment: Enrolment;
  /** What the console reads; null where nothing runs because what is in force cannot start. */
  readonly reads: Reads | null;
  /** What is shown to programs that have not signed in; null where nothing runs. */
  readonly open: OpenReads | null;
  /** Brings an invitation to the address of the invited person. */
  mailInvitation(person: Person, link: string): Promise<Mailed>;
  nowMs(): number;
  /** What the page at /stop stands on; null where nothing runs. */
  readonly stopDesk: StopDesk | null;
  /** A person of the set in force, disabled ones included. */
  person(id: string): Person | undefined;
  people(): readonly Person[];
  /** What an operator can do, done as this signed-in person; what widens waits for her signature (changes.ts). */
  operations(as: Person, onWaiting?: (change: Change) => void): Operations;
  /** Records that she signed in. */
  signedIn(person: Person, session: string, proof: Proof): void;
  /** What was done while nobody could sign, and still stands. */
  unconfirmed(): Promise<readonly UnconfirmedAct[]>;
  /** An agent's or a point's token on a route for people: counted, and told in the log (`instance.refused`). Null: it is none. */
  refuseAgent(bearer: string): Problem | null;
}
