/** What an agent has been through, as rules see it in `context.system`, of one action that is decided now. */
export interface PastFacts {
  /** Allowed actions of this agent within the last hour: of this operation, and of its class (`risk:…`). */
  readonly operationLastHour: number;
  readonly classLastHour: number;
  /** It was never allowed this operation, or anything of this upstream, before. */
  readonly firstOperation: boolean;
  readonly firstUpstream: boolean;
  /** How often people said no to this agent about one of these targets, within LIMITS.refusalsLastMs. */
  readonly refusedHere: number;
  /** The same of this very operation: so many noes it is asked again after. */
  readonly repeatsAfterNo: number;
}

/** Of whom nothing is known. */
export const NO_PAST: PastFacts = {
  operationLastHour: 0,
  classLastHour: 0,
  firstOperation: true,
  firstUpstream: true,
  refusedHere: 0,
  repeatsAfterNo: 0,
};
