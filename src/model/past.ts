/** What an agent has been through, as rules see it in `context.system`, of one action that is decided now. */
export interface PastFacts {
  /** Allowed actions of this agent within the last hour: of this operation, and of its class (`risk:…`). */
  readonly operationLastHour: number;
  readonly classLastHour: number;
  /** Allowed actions within the last minute, whatever they are. */
  readonly actionsLastMinute: number;
  /** Allowed actions that are no reading, and the different targets of them, within the last hour. */
  readonly changesLastHour: number;
  readonly targetsLastHour: number;
  /** Likewise, of what others see: operations whose audience is not the agent itself. */
  readonly othersLastHour: number;
  /** What allowed actions deleted (`effect:delete`), each target for itself; and how many targets this one names. */
  readonly deletionsLastMinute: number;
  readonly deletionsLastHour: number;
  readonly targetsHere: number;
  /** Denials since something was allowed; failures since something went well; failures of this very call, likewise. */
  readonly denialsInRow: number;
  readonly failuresInRow: number;
  readonly sameFailures: number;
  /** It was never allowed this operation, or anything of this upstream, for this audience, or of this owner of a target, before. */
  readonly firstOperation: boolean;
  readonly firstUpstream: boolean;
  readonly firstAudience: boolean;
  readonly firstOwner: boolean;
  /** How often people said no to this agent about one of these targets, within LIMITS.refusalsLastMs. */
  readonly refusedHere: number;
  /** The same of this very operation: so many noes it is asked again after. */
  readonly repeatsAfterNo: number;
  /** What is usual for it in an hour with work: changes and their targets. 0: not known yet. */
  readonly usualChanges: number;
  readonly usualTargets: number;
  /** How far the tightest of its budgets for this is used when this is counted, in percent; 0 without one. */
  readonly budgetPercent: number;
  /** It is not one of the hours that its configuration declares; false where it declares none. */
  readonly outsideHours: boolean;
  /** It is nothing of what its configuration says that its purpose takes (`does`); false where that says nothing, and for tunnels. */
  readonly outsidePurpose: boolean;
  /** It was released lately: every count of pace and breadth stands double for a while. */
  readonly halfOpen: boolean;
}

/** Of whom nothing is known. */
export const NO_PAST: PastFacts = {
  operationLastHour: 0,
  classLastHour: 0,
  actionsLastMinute: 0,
  changesLastHour: 0,
  targetsLastHour: 0,
  othersLastHour: 0,
  deletionsLastMinute: 0,
  deletionsLastHour: 0,
  targetsHere: 1,
  denialsInRow: 0,
  failuresInRow: 0,
  sameFailures: 0,
  firstOperation: true,
  firstUpstream: true,
  firstAudience: true,
  firstOwner: true,
  refusedHere: 0,
  repeatsAfterNo: 0,
  usualChanges: 0,
  usualTargets: 0,
  budgetPercent: 0,
  outsideHours: false,
  outsidePurpose: false,
  halfOpen: false,
};

export const PAST_NAMES = Object.keys(NO_PAST) as readonly (keyof PastFacts)[];
