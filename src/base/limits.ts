/**
 * Every bound in the house, by name and with its unit. A queue, body, wait or retry without a line here is a defect.
 * Where a configuration may set another value, the line says so.
 */
export const LIMITS = {
  /** One request body, or one line of a stdio client. Beyond: 413 (after draining) or a refusal. */
  requestBytes: 4 * 1024 * 1024,
  /** How much of an oversized body is read and thrown away, so that the client gets its 413 and not a reset. */
  drainBytes: 16 * 1024 * 1024,
  /** One message from an upstream (a result, a list, a notification). */
  upstreamMessageBytes: 16 * 1024 * 1024,
  jsonDepth: 64,
  /** Values (members and elements, nested ones included) in one message. */
  jsonValues: 200_000,
  /** One string, in UTF-16 code units, of a request. */
  stringLength: 2 * 1024 * 1024,
  keyLength: 1024,
  /** The same of one message from an upstream, whose results carry whole files. */
  upstreamJsonValues: 1_000_000,
  upstreamStringLength: 16 * 1024 * 1024,
  targetsPerAction: 256,
  toolNameLength: 128,
  /** What a caller may choose: session, idempotency and progress names, and its stated reason. */
  callerNameLength: 256,
  callerReasonLength: 2000,

  /** Attempts of one agent in flight; `limits.inFlight` of the configuration. */
  inFlightPerAgent: 256,
  /** `limits.attemptsPerMinute` of the configuration. */
  attemptsPerMinute: 6000,
  /** `limits.logBytesPerDay` of the configuration. */
  logBytesPerDay: 2e9,

  /** A pinned schema. */
  schemaBytes: 256 * 1024,
  schemaDepth: 32,
  /** Nesting of `context.input` that rules can name; deeper values are offered as their RFC 8785 text. */
  inputDepth: 4,
  /** Definitions (tools, prompts, resources) of one upstream, over all pages of its lists. */
  definitionsPerUpstream: 4096,
  listPages: 256,
  policyFileBytes: 1024 * 1024,
  rules: 20_000,

  /** Waiting for every upstream at start; afterwards they are named and their operations denied. */
  connectMs: 10_000,
  upstreamCallMs: 300_000,
  /** How often a connected upstream's lists are compared with its pins. */
  pinCheckMs: 60_000,
  /** An agent's own upstream process or session ends after this much idleness. */
  upstreamIdleMs: 600_000,
  /** A session that no request named and that was silent this long is over; the next request starts another. */
  sessionIdleMs: 1_800_000,
  sessionsPerAgent: 1024,
  drainMs: 10_000,
  restartBackoffMs: { first: 250, most: 30_000 },
  /** What is kept of an upstream's stderr. */
  stderrBytes: 64 * 1024,

  /** Entries in one durable commit, and how many may wait for theirs. */
  batchEntries: 512,
  queuedEntries: 16_384,
  /** A checkpoint follows at the latest so much later or so many entries behind. */
  checkpointMs: 1000,
  checkpointEntries: 1000,
  /** What is stored of one result body; beyond, the body is cut and marked, the digest still covers the whole. */
  bodyBytes: 256 * 1024,
  bodyRetentionMs: 30 * 24 * 3600 * 1000,

  tokenTtlMs: 90 * 24 * 3600 * 1000,
  /** Failed authentications from one address in a minute before further ones wait for the next minute. */
  authFailuresPerMinute: 60,
} as const;
