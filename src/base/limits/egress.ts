/** The way out: tunnels. */
export const EGRESS = {
  tunnelsPerAgent: 128,
  /** Connections to the proxy at once, of all agents; beyond, as at the agents' door (doorConnections). */
  egressConnections: 2048,
  /** Looking a name up, and then all addresses of it together that are tried until one connects. */
  lookupMs: 5000,
  dialMs: 10_000,
  addressesTried: 8,
  /** A tunnel through which nothing passes, either way. Models think for minutes. */
  tunnelIdleMs: 900_000,
  /** Bytes of one tunnel, both ways together. */
  tunnelBytes: 4 * 1024 ** 3,
  /** What a client may send behind its CONNECT before it is answered. */
  tunnelHeadBytes: 64 * 1024,
} as const;
