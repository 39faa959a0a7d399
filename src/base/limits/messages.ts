/** What arrives from callers and goes back to them: sizes, depths and names. */
export const MESSAGES = {
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
  /** A secret of the configuration: looking for it takes the longer, the longer it is. */
  secretLength: 16_384,
  targetsPerAction: 256,
  /** A target's id, a path or an address included, in UTF-16 code units. */
  targetIdLength: 4096,
  /** Directories that a path may name: each costs a look at the file system before the decision. */
  pathDepth: 64,
  uriLength: 8192,
  toolNameLength: 128,
  /** What a caller may choose: session, idempotency and progress names, and its stated reason (an operator's as well). */
  callerNameLength: 256,
  callerReasonLength: 2000,
  /** Definitions in one page of a list that an agent asks for. */
  listPageSize: 1000,
  /** Values of one completion, and the length of each; what is more is left out. */
  completionValues: 100,
  completionLength: 8192,
  /** A cursor that an agent hands back. */
  cursorLength: 256,
} as const;
