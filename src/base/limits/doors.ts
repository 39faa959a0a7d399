/** The agents' doors: sessions, streams, connections. */
export const DOORS = {
  /**
   * Connections that wait to be taken, as many as the system lets (`net.core.somaxconn`, which cuts it down). Of those beyond, what a
   * client sends is not heard until it says it again, after waits that double up to a minute.
   */
  listenBacklog: 4096,
  /** A session that no request named and that was silent this long is over; the next request starts another. */
  sessionIdleMs: 1_800_000,
  sessionsPerAgent: 1024,
  /** How long a token's sessions see the marks of one that held them and acted last. */
  marksLastMs: 24 * 3600 * 1000,
  /** That a mark is still held is written down again this often; a start adds as much to what it finds. */
  marksStoredEveryMs: 600_000,
  /** Sessions whose marks are kept apart; those of one that is forgotten stay with its token. */
  markedSessions: 16_384,
  /** Requests running at once in one session of an older client, or on one stdio connection. */
  requestsPerSession: 1024,
  /** An answer that takes between one and two of these becomes an event stream with a comment every so often. */
  streamKeepAliveMs: 10_000,
  /** What waits to be read by a client; beyond, progress is dropped and a stdio client is not read from. */
  streamBufferBytes: 1024 * 1024,
  /** The agents' HTTP door: all headers of a request, their number, how long they and the whole request may take. */
  headerBytes: 32 * 1024,
  headerCount: 128,
  headersMs: 10_000,
  requestMs: 30_000,
  /** How often connections are looked through for those two times. */
  connectionCheckMs: 1000,
  /** A connection without a request is closed after this long. */
  connectionIdleMs: 65_000,
  /** A connection on which nothing moves, an answer that nobody reads included, is closed after this long. */
  connectionStuckMs: 120_000,
  /** Beyond, whoever holds the most of them loses the oldest on which nothing runs, so that a new one always gets in. */
  doorConnections: 4096,
  /** Requests of one connection that wait behind one that is being answered. Hardly any client sends a second one. */
  pipelinedRequests: 16,
  /** Answers at that door that wait to be read, of one agent or point and of all: beyond, whoever has the most loses the longest. */
  unreadBytes: 512 * 1024 * 1024,
  unreadBytesEach: 128 * 1024 * 1024,
  unreadCheckMs: 500,
  /** What /healthz says of the log is so old at most, where it has to try. */
  healthMs: 1000,
  /** Bodies that are still arriving at that door, all together. */
  arrivingBytes: 256 * 1024 * 1024,
  /** Of those the share that one agent or point may have, so that its slow ones leave room for others. */
  arrivingBytesEach: 64 * 1024 * 1024,
  /** Running calls get so long at a stop: with what follows (children, the last checkpoint) all is over within 10 s. */
  drainMs: 5000,
  /** What still runs then is cut, and gets so long to be recorded and answered. */
  lastAnswerMs: 750,
  /** After so long without work the heap is given back; soon behind more than `longWorkEntries` since it was last. */
  restAfterMs: 60_000,
  restSoonMs: 10_000,
  longWorkEntries: 500_000,
  /** Streams and sessions of one agent on which it is told of events, and the resources it is subscribed to over all of them. */
  listenersPerAgent: 1024,
  subscriptionsPerAgent: 256,
  /** A subscription is told of changes at most this often; what comes meanwhile is told once, after it. */
  updateGapMs: 100,
  /** Whether what an agent is shown has changed is looked at this long after something that may have changed it. */
  shownGapMs: 200,
  /** How often tokens that have run out, and sessions that are idle, are looked for among those that hear. */
  listenerSweepMs: 60_000,
  /** What a session of the older generation is subscribed to ends when nobody has listened to its stream for so long. */
  listenerLingerMs: 300_000,
  /** Events kept per session of the older generation for a client that comes back, and their JSON text together. */
  keptEvents: 64,
  keptEventsLength: 256 * 1024,
  /** Answers that became streams, kept for one agent's clients that come back for them, and their JSON text together. */
  keptStreams: 64,
  keptStreamsLength: 4 * 1024 * 1024,
  /** A client whose stream broke is asked to come back after so long, and is waited for so long. */
  streamRetryMs: 500,
  streamLingerMs: 30_000,
} as const;
