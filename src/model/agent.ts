import type { Budget } from './budget.ts';
import type { Hours } from './hours.ts';
import type { Level } from './level.ts';

/** Ids of agents, people, points and upstreams. */
export const ID_PATTERN = /^[a-z][a-z0-9-]{0,31}$/;

/** How the canaries of a drill begin, which cases, samples and kept stops leave out: nothing that is configured may. */
export const DRILL_PREFIX = 'lanyard-drill-';

/** A program that asks at the check door on behalf of agents: these and no others. */
export interface Point {
  readonly id: string;
  readonly agents: readonly string[];
}

/** Against floods, not budgets. */
export interface AgentLimits {
  readonly inFlight: number;
  readonly attemptsPerMinute: number;
  readonly logBytesPerDay: number;
}

/** The principal. Not a process: one agent may run in many sessions at once. */
export interface Agent {
  readonly id: string;
  /** A person's id; an agent whose owner is not among the people does not run. */
  readonly owner: string;
  readonly backup?: string;
  readonly contact?: string;
  readonly purpose: string;
  /** What its purpose takes: groups and operations, as budgets name them. Absent: nobody has said. */
  readonly does?: readonly string[];
  /** The configured level; the one in force is the stricter of this and the set one. */
  readonly level: Level;
  readonly teams: readonly string[];
  readonly limits: AgentLimits;
  /** When it is to work; absent: at any time. */
  readonly hours?: Hours;
  readonly budgets?: readonly Budget[];
  /** How often its owner or backup looks at what it does; absent: the house's default (LIMITS.leaseCadenceMs). */
  readonly cadenceMs?: number;
  /** How programs run for it, and where its own model is; absent: the defaults, and no model. */
  readonly run?: RunTerms;
}

/** What `./lanyard run` grants a program of this agent. */
interface RunTerms {
  /** Endpoints of the program's own model, `host:port`: `ModelEndpoint::"own"` in rules. */
  readonly model: readonly string[];
  /** Variables of the environment that it gets besides the plain ones, by name. */
  readonly env: readonly string[];
  /** Directories that it may write besides its working directory. */
  readonly writable: readonly string[];
  /** How long one run may take, such as `8h`. */
  readonly time: string;
  /** Of each process: seconds of the processor, and MiB of data. Of the run: processes. */
  readonly cpu?: number;
  readonly memory?: number;
  readonly processes?: number;
}
