/** Followers of the log: the live picture, telemetry, and messages to people. */
export const WATCH = {
  /** Minutes of an agent's pulse. */
  pulseMinutes: 30,
  /**
   * What an open console is told: gathered for so long, and for each open one so much longer (500 get it within 75 ms), so
   * many at once (the newest), so many kept for a new one, and so many that have not ended yet remembered.
   */
  liveGatherMs: 25,
  liveGatherPerConsoleMs: 0.1,
  liveOpenActions: 2000,
  liveBurst: 100,
  liveRecent: 200,
  /** The inbox in pages of so many; who may answer what is worked out anew after so long at the latest. */
  questionPage: 100,
  questionsKnownMs: 250,
  /** So many questions of one person are a duty each; the others are told as a number. */
  questionDuties: 20,
  /** A follower of the log: how often it reads, how much in one go, and how far behind it goes on to read at all. */
  followEveryMs: 1000,
  followEntries: 4096,
  followBacklog: 20_000,
  /**
   * Telemetry: actions whose end is waited for, spans that wait to be sent and how many go in one request, how long that
   * may take, how long a stop waits for the last of them, and how often drops are told.
   */
  openSpans: 10_000,
  telemetrySpans: 8192,
  telemetryBatch: 512,
  telemetryMs: 5000,
  telemetryEndMs: 1000,
  telemetryTellMs: 60_000,
  /**
   * Reaching people: one try; tries of one message, and how far apart; how long after a message the next one that is no
   * page waits, so that many become one; matters in one message, and those that it names; what an answer may hold.
   */
  noticeMs: 10_000,
  noticeAttempts: 8,
  noticeBackoffMs: { first: 2000, most: 300_000 },
  noticeGapMs: 30_000,
  /** Words of people on how something ended, looked back on beside what has an unknown end. */
  keptResolutions: 1000,
  /** Things that agents may do without asking, of all agents, that are kept from one look at the duties to the next. */
  knownFree: 200_000,
  /** A person is sent a test message at most so often. */
  testNoticeGapMs: 10_000,
  noticeMatters: 100,
  noticeLines: 10,
  noticeAnswerBytes: 64 * 1024,
  /** What is longer past raises no alert any more. */
  freshAlertMs: 24 * 3600 * 1000,
  /** Channels of one person in the configuration, her browsers, and what one push message says. */
  channelsPerPerson: 8,
  browsersPerPerson: 8,
  pushTextLength: 2000,
  pushTtlS: 3600,
  /** The defaults of `notify`: to the backup, to the role, and until a page is sent again. */
  backupAfterMs: 300_000,
  roleAfterMs: 600_000,
  pageEveryMs: 300_000,
} as const;
