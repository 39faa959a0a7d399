/** The log: appending, proving, reading, keeping. */
export const LOG = {
  /** Entries in one durable commit, and how many may wait for theirs. */
  batchEntries: 512,
  /** Turns of the event loop that a commit waits while others still come to share it. */
  gatherTurns: 4,
  queuedEntries: 16_384,
  /** Where a start fails and the disk of the state has less room than this, that is said first. */
  startRoomBytes: 1024 * 1024,
  /** A journal segment that has grown so long is left for the other one; what is in both waits to be sorted in. */
  journalSegmentBytes: 8 * 1024 * 1024,
  /** How far ahead of its frames a segment is filled with zeros. */
  journalAheadBytes: 512 * 1024,
  /** What was appended is sorted into the tables so much later, or so many bytes behind, many entries in one commit. */
  sortAfterMs: 250,
  sortBytes: 4 * 1024 * 1024,
  sortedEntries: 4096,
  /** How often a reader beside a running instance looks again when tables and journal have moved on in between. */
  journalReadAttempts: 10,
  /** A checkpoint follows at the latest so much later or so many entries behind. */
  checkpointMs: 1000,
  checkpointEntries: 1000,
  /** A signed note, in UTF-16 code units, and its signature lines (C2SP signed-note demands at least 16). */
  noteLength: 128 * 1024,
  noteSignatures: 64,
  /**
   * Witnesses: how many; one conversation with one; what it may answer; how much of the end of a file is read at start;
   * how long after a failure until the next try; how long a stop waits for the last checkpoint to arrive.
   */
  witnesses: 8,
  witnessMs: 5000,
  witnessAnswerBytes: 256 * 1024,
  witnessTailBytes: 1024 * 1024,
  witnessBackoffMs: { first: 1000, most: 60_000 },
  witnessEndMs: 1500,
  /** How often it is looked what is covered, how far apart changes of it are told, and how often it is told anyway. */
  coverageLookMs: 5000,
  coverageGapMs: 10_000,
  coverageEveryMs: 3_600_000,
  /** Holes that closed, kept until they are told. */
  endedHoles: 100,
  /** Stretches without entries that `log verify --deep` spells out before it only counts them. */
  reportedStretches: 50,
  /** What `log trace` tells: a session and those it worked for, what each had read, what it had been denied. */
  tracedSessions: 8,
  tracedReads: 500,
  tracedDenials: 200,
  /** Reads that a mark may have come from, for each mark. */
  tracedMarks: 20,
  /** A search among actions: rows of a page, entries looked at in one go, and how long one answer may look. */
  searchPage: 50,
  searchStretch: 16_384,
  searchMs: 60,
  /** Entries in one page of the log. */
  logPage: 100,
  /** One line of an exported bundle: the longest request, every character of it escaped, and some more. */
  bundleLineBytes: 32 * 1024 * 1024,
  /** Faults that `log verify` spells out before it only counts them. */
  reportedFaults: 20,
  /** One page of entries read from the store: so many, or fewer of so many UTF-16 code units together. */
  pageEntries: 512,
  pageLength: 1024 * 1024,
  /** Bodies removed in one go, so that expiry never holds up an append for long. */
  expiryBatch: 256,
  /** Waiting for another process that is writing to the same store. */
  storeBusyMs: 2000,
  /** What is stored of one result body; beyond, the body is cut and marked, the digest still covers the whole. */
  bodyBytes: 256 * 1024,
  bodyRetentionMs: 30 * 24 * 3600 * 1000,
  /** Entries that a start reads at most to know the pace of the last hour. */
  recalledEntries: 20_000,
  /** Roots of tiles of the log (C2SP tlog-tiles) that are kept at hand. */
  keptTileRoots: 65_536,
  /** Reads of a public log that run or wait at once; each may be of 256 entries. */
  publicLogReads: 32,
} as const;
