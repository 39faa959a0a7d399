/** Ways to stop that do not pass the doors: a thread of its own, files, a channel that is polled. */
export const OUTSIDE = {
  /** How often the state directory is looked at for the file STOP. */
  sentinelMs: 100,
  /** Connections at the brake; beyond, the oldest is closed, so that a new one always gets in. */
  brakeConnections: 128,
  /** One request there: its body, its headers, all of it. */
  brakeBodyBytes: 8 * 1024,
  brakeHeadersMs: 5000,
  brakeRequestMs: 10_000,
  /** Whoever stopped waits so long for the main thread to say what was cut; the stop holds before that. */
  stopReportMs: 1000,
  /** What the brake knows of agents is told to it this often. */
  brakeNewsMs: 1000,
  /** Agents and things cut that one answer names; the rest is counted. */
  stopLines: 200,
  /** Files of stops that a start reads, and one of them. Anything beyond freezes everything. */
  stopFiles: 1000,
  stopFileBytes: 16 * 1024,
  /** The brake's thread is started again so much later after it was lost. */
  brakeRestartMs: { first: 250, most: 10_000 },
  /** And where its port is taken then, tries to listen again so often. */
  brakeListenMs: 1000,
  /** Keys of one person that stop and do nothing else. */
  stopKeysPerPerson: 8,
  /** Codes on one saved page, those of one person that are good at once, and how few are left when she is told. */
  stopCodes: 12,
  stopCodesPerPerson: 48,
  stopCodesLow: 3,
  /**
   * The channel that is polled: what of a message is looked at; a line of its stream, the rest of a longer one is dropped;
   * a stream on which nothing came for so long is taken up anew (ntfy sends a keepalive every 45 s); tries apart; tries in
   * a row after which the channel counts as lost.
   */
  stopMessageLength: 1024,
  stopLineLength: 16 * 1024,
  stopChannelIdleMs: 120_000,
  stopChannelRetryMs: { first: 500, most: 15_000 },
  stopChannelTries: 3,
  /** How long `./lanyard stop` waits for the operator socket, and for the brake, before it goes another way. */
  stopSocketMs: 1000,
  stopBrakeMs: 3000,
} as const;
