/** What waits for people: a question to answer, something that somebody must have seen, or what an agent put before them. */
export const MATTER_KINDS = ['approval', 'alert', 'appeal'] as const;
type MatterKind = (typeof MATTER_KINDS)[number];

/** What was last told over one lane (person and channel). */
export interface Told {
  readonly atMs: number;
  /** Delivery over this lane was given up on. */
  readonly dead?: true;
}

/**
 * One thing that waits, with what may be said of it: ids and names of operations, each held to its form when it was read
 * from the log, and nothing that an agent or an upstream wrote.
 */
export interface Matter {
  readonly id: string;
  readonly kind: MatterKind;
  /** Told again and again until it is acknowledged; no hours are quiet for it. */
  readonly page: boolean;
  /** Of an alert: which (ALERTS). Of an appeal: its kind. */
  readonly subject?: string;
  readonly agent?: string;
  /** What was stopped, where it is not one agent. It may hold words of others, so no message has it. */
  readonly scope?: string;
  /** Who comes after `people`; absent: the agent's backup. */
  readonly backups?: readonly string[];
  readonly operation?: string;
  readonly openedMs: number;
  readonly expiresMs?: number;
  /** Whom it is for: people, or `role:<role>`. */
  readonly people: readonly string[];
  /** Who has answered already, and is told no more. */
  readonly answered: readonly string[];
  /** How many people must answer, at most: where several rules ask, one may do for two of them. */
  readonly needs: number;
  readonly told: Readonly<Record<string, Told>>;
}

/**
 * A dead letter: messages over one lane that could not be delivered. It stays until one can be, or somebody
 * acknowledges it.
 */
export interface Letter {
  /** `<person>/<channel>` */
  readonly lane: string;
  readonly person: string;
  readonly channel: string;
  /** In our own words, such as `http-404` or `smtp-550`. */
  readonly code: string;
  readonly atMs: number;
  /** How many messages were given up on. */
  readonly count: number;
  /** The newest of what they were about. */
  readonly matters: readonly string[];
}

export const laneOf = (person: string, channel: string): string => `${person}/${channel}`;

/** The scope that was stopped, of a matter about a stop. */
export const stoppedScopeOf = ({ agent, scope }: Pick<Matter, 'agent' | 'scope'>): string | undefined =>
  agent === undefined ? scope : `agent:${agent}`;
