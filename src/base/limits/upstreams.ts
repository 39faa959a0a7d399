/** Upstreams: connecting, calling, and what they may send. */
export const UPSTREAMS = {
  /** Waiting for every upstream at start; afterwards they are named and their operations denied. */
  connectMs: 10_000,
  upstreamCallMs: 300_000,
  /** How often a connected upstream's lists are compared with its pins. */
  pinCheckMs: 60_000,
  /** An agent's own upstream process or session ends after this much idleness. */
  upstreamIdleMs: 600_000,
  restartBackoffMs: { first: 250, most: 30_000 },
  /** What is kept of an upstream's stderr. */
  stderrBytes: 64 * 1024,
  /** Everything one call's event stream may carry, notifications included. */
  upstreamStreamBytes: 64 * 1024 * 1024,
  /** All pages of all lists of one upstream together. */
  upstreamListBytes: 32 * 1024 * 1024,
  /** Calls of one upstream session that wait or run; beyond, nothing is sent. */
  callsPerUpstreamSession: 4096,
  /** How often the event stream of one call is taken up again after the server closed it. */
  streamsPerUpstreamCall: 1000,
  /** The longest that an upstream may make a call wait between two of them. */
  upstreamRetryMs: 30_000,
  /** HTTP connections of one upstream session; further calls wait, unsent. */
  upstreamConnections: 64,
  /** Messages in a row from an upstream that are no JSON-RPC or answer nothing that was asked; then its process ends. */
  strayUpstreamMessages: 1000,
  /** Progress notifications passed on for one call; further ones are dropped. */
  progressPerCall: 10_000,
  /** Log messages passed on for one call, those passed on outside of calls in a minute, and the JSON text of one. */
  messagesPerCall: 1000,
  messagesPerMinute: 600,
  logMessageLength: 16 * 1024,
  /** Upstreams that are pinned for the first time while an instance starts wait so long for others to be compiled with. */
  firstPinsMs: 5000,
  /** Once an upstream has answered in one generation of the protocol, how much longer the other one is waited for. */
  probeMs: 3000,
  /** Lists are asked for again at most this often when an upstream says that they changed. */
  relistGapMs: 1000,
  /** A call waits this long for a crashed upstream's next start; beyond, it is denied. */
  restartWaitMs: 1000,
  /** That an upstream cannot be connected to is said again this often while the reason stays. */
  failureToldMs: 600_000,
  /** A child that is to end gets this long after its input closed, and this long after SIGTERM; then SIGKILL. */
  childEndMs: { closed: 1000, terminated: 2000 },
} as const;
