/** Drills: rehearsed stops, measured. */
export const DRILLS = {
  /** How long canaries may take until calls run on every door, and how long it is looked whether a stop has ended them. */
  drillStartMs: 30_000,
  drillEndMs: 10_000,
  /** Calls of a canary at one door at most, and the pause between two: once it is alive, and around the stop. */
  drillPulses: 200,
  drillAliveMs: 500,
  drillPulseMs: 20,
  /** How long the processes of a drill must say nothing to count as still; they say something every 50 ms. */
  drillStillMs: 500,
  /** Lines through the tunnel of a drill at most, and what is kept of what its command says. */
  drillTunnelLines: 3000,
  drillSaidLength: 4096,
  /** How often it is looked whether one is due, and how long until one that could not be done is tried again. */
  drillLookMs: 5000,
  drillRetryMs: 3_600_000,
  /** So many of an agent's last drills are shown beside each other. */
  drillTrend: 30,
} as const;
