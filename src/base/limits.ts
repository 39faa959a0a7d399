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
  /** A target's id, a path or an address included, in UTF-16 code units. */
  targetIdLength: 4096,
  /** Directories that a path may name: each costs a look at the file system before the decision. */
  pathDepth: 64,
  uriLength: 8192,
  toolNameLength: 128,
  /** What a caller may choose: session, idempotency and progress names, and its stated reason (an operator's as well). */
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
  /** Steps of checking one set of arguments against a schema, its patterns included: 0.25 s at the very worst. */
  argumentWork: 2_000_000,
  argumentDepth: 1000,
  patternLength: 4096,
  /** States of one pattern's automaton, repetitions counted out. */
  patternStates: 20_000,
  /** States of all patterns of one schema, and how many references may lie behind one another while it is compiled. */
  schemaPatternStates: 200_000,
  schemaReferences: 256,
  /** Nesting of `context.input` that rules can name; deeper values are offered as their RFC 8785 text. */
  inputDepth: 4,
  /** Members of nested objects that rules can name, per operation; objects beyond are offered as their text. */
  inputMembers: 2000,
  /** One definition in canonical form: a person must be able to read what changed in it. Beyond, it is hidden. */
  definitionBytes: 512 * 1024,
  /** Definitions (tools, prompts, resources) of one upstream, over all pages of its lists. */
  definitionsPerUpstream: 4096,
  listPages: 256,
  policyFileBytes: 1024 * 1024,
  catalogFileBytes: 1024 * 1024,
  /** Targets, texts and people that a draft names for one operation; where there are more, it says so. */
  draftArguments: 16,
  rules: 20_000,
  /** How deep one rule may nest, by what makes it (policy/depth.ts says why). */
  ruleDepth: { nesting: 40, junctions: 500, arithmetic: 60, access: 60 },
  /** A rule's `@id`, and the other texts of its annotations. */
  ruleIdLength: 128,
  annotationLength: 1000,
  /** Rules that can match, kept at hand per pair of operation and agent: how many over all pairs. */
  candidateRules: 1_000_000,
  /** Answers to what an agent is shown, kept at hand. */
  listableAnswers: 65_536,

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
  /** How long a token's sessions see the marks of one that held them and acted last. */
  marksLastMs: 24 * 3600 * 1000,
  /** That a mark is still held is written down again this often; a start adds as much to what it finds. */
  marksStoredEveryMs: 600_000,
  /** Sessions whose marks are kept apart; those of one that is forgotten stay with its token. */
  markedSessions: 16_384,
  /** Requests running at once in one session of an older client, or on one stdio connection. */
  requestsPerSession: 1024,
  /** Definitions in one page of a list that an agent asks for. */
  listPageSize: 1000,
  /** Values of one completion, and the length of each; what is more is left out. */
  completionValues: 100,
  completionLength: 8192,
  /** A cursor that an agent hands back. */
  cursorLength: 256,
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
  connectionCheckMs: 2000,
  /** A connection without a request is closed after this long. */
  connectionIdleMs: 65_000,
  /** A connection on which nothing moves, an answer that nobody reads included, is closed after this long. */
  connectionStuckMs: 120_000,
  doorConnections: 4096,
  /** Bodies that are still arriving at that door, all together. */
  arrivingBytes: 256 * 1024 * 1024,
  /** Running calls get so long at a stop: with what follows (children, the last checkpoint) all is over within 10 s. */
  drainMs: 5000,
  /** After so long without work the heap is given back. */
  restAfterMs: 10_000,
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
  /** What one upstream may ask of its client: a request's whole length, its message to a person, how often in one call. */
  askLength: 1024 * 1024,
  askMessageLength: 8192,
  asksPerCall: 32,
  /** Asks of one upstream session that wait for their answer; in all fewer than its connections, so that answers get through. */
  asksPerSession: { ofOneAgent: 16, inAll: 48 },
  /** Addresses that one upstream session has sent people to and not said to be done with. */
  elicitationsPerSession: 64,
  /** A `requestState` of ours, and the upstream's own that travels inside it (as JSON, in base64url). */
  requestStateLength: 512 * 1024,
  upstreamStateBytes: 48 * 1024,
  /** Paused calls of one agent that wait to go on, and how often one call may pause. */
  pausesPerAgent: 32,
  roundsPerCall: 32,
  /** What is kept of the answer of a call that ended while its client was away, as JSON text; beyond, it is not given out. */
  heldAnswerLength: 1024 * 1024,
  /** Tasks of one agent that run; all that are kept until their time is over, with the JSON text of their results; a page of a list. */
  tasks: { running: 64, kept: 256, resultsLength: 64 * 1024 * 1024, page: 100 },
  /** How long a task is kept from its creation, where its upstream does not say and at most; what runs then is cancelled. */
  taskTtlMs: { usual: 3_600_000, most: 24 * 3600 * 1000 },
  /** How often an upstream is asked how a task is, and how long one answer about a task may take. */
  taskPollMs: { least: 100, usual: 1000, most: 10_000 },
  taskLookMs: 5000,
  /** Answers in a row from which no task can be read until it is given up. */
  taskStrikes: 5,
  /** An upstream's id of a task, and its words about one that are passed on. */
  taskTexts: { id: 1024, message: 1024 },
  /** How long a client, and the person behind it, is waited for. */
  askMs: 600_000,
  /** Streams and sessions of one agent on which it is told of events, and the resources it is subscribed to over all of them. */
  earsPerAgent: 1024,
  subscriptionsPerAgent: 256,
  /** A subscription is told of changes at most this often; what comes meanwhile is told once, after it. */
  updateGapMs: 100,
  /** Whether what an agent is shown has changed is looked at this long after something that may have changed it. */
  shownGapMs: 200,
  /** How often tokens that have run out, and sessions that are idle, are looked for among those that hear. */
  earSweepMs: 60_000,
  /** What a session of the older generation is subscribed to ends when nobody has listened to its stream for so long. */
  earLingerMs: 300_000,
  /** Events kept per session of the older generation for a client that comes back, and their JSON text together. */
  keptEvents: 64,
  keptEventsLength: 256 * 1024,
  /** Answers that became streams, kept for one agent's clients that come back for them, and their JSON text together. */
  keptStreams: 64,
  keptStreamsLength: 4 * 1024 * 1024,
  /** A client whose stream broke is asked to come back after so long, and is waited for so long. */
  streamRetryMs: 500,
  streamLingerMs: 30_000,
  /** What the official engine said of whole rule sets, kept for when the same is asked again. */
  engineAnswers: 16,
  /** From so many operations on the engine is asked on a thread of its own. */
  aheadOperations: 300,
  /** Upstreams that are pinned for the first time while an instance starts wait so long for others to be compiled with. */
  firstPinsMs: 5000,
  /** Once an upstream has answered in one generation of the protocol, how much longer the other one is waited for. */
  probeMs: 3000,
  /** Lists are asked for again at most this often when an upstream says that they changed. */
  relistGapMs: 1000,
  /** A call waits this long for a crashed upstream's next start; beyond, it is denied. */
  restartWaitMs: 1000,
  /** A child that is to end gets this long after its input closed, and this long after SIGTERM; then SIGKILL. */
  childEndMs: { closed: 1000, terminated: 2000 },

  /** How long a question to people stays open where no rule says (`@within`), and how long a rule may keep one open. */
  approvalMs: 15 * 60_000,
  approvalMostMs: 30 * 24 * 3600 * 1000,
  /** Questions of one agent that wait for an answer. */
  approvalsPerAgent: 10,
  /** Questions of one agent that ran out or were denied and are kept to be seen; and for how long. */
  endedApprovalsPerAgent: 50,
  endedApprovalMs: 7 * 24 * 3600 * 1000,
  newcomerMs: 7 * 24 * 3600 * 1000,
  /** How often it is looked what has run out. */
  approvalSweepMs: 1000,
  /** A call is held so long for an answer (`approvals.hold` of the configuration), and its client told every so often that it waits. */
  approvalHoldMs: 40_000,
  approvalHoldMostMs: 600_000,
  approvalTickMs: 5000,
  /** How often one call is decided anew because something moved while it was held. */
  approvalTurns: 64,
  /** What a person is shown beside a question: a file that would be replaced, and what the agent did lately. */
  shownFileBytes: 256 * 1024,
  recentMs: 10 * 60_000,
  recentActions: 20,

  /** Lines that `decide` asks for in one go. */
  decideBatch: 256,
  /** Evaluations in one request at the check door, and how many of them are asked at once. */
  evaluationsPerRequest: 256,
  evaluationsAtOnce: 64,
  /** Nobody told the outcome of what was done elsewhere for so long: it is `unknown`. */
  unreportedMs: 15 * 60_000,
  /** How often that is looked at. */
  unreportedSweepMs: 5000,
  /** Actions of one agent that wait for their outcome; beyond, its oldest is `unknown` early. The default limit on attempts gives 90,000 in that time. */
  unreportedPerAgent: 100_000,
  /** How many entries too far back a start may look for actions that wait for their outcome. */
  unreportedLag: 10_000,

  /** Entries in one durable commit, and how many may wait for theirs. */
  batchEntries: 512,
  /** Turns of the event loop that a commit waits while others still come to share it. */
  gatherTurns: 4,
  queuedEntries: 16_384,
  /** A journal segment that has grown so long is left for the other one; what is in both waits to be sorted in. */
  journalSegmentBytes: 8 * 1024 * 1024,
  /** How far ahead of its frames a segment is filled with zeros. */
  journalAheadBytes: 512 * 1024,
  /** What was appended is sorted into the tables so much later, or so many bytes behind, many entries in one commit. */
  sortAfterMs: 100,
  sortBytes: 1024 * 1024,
  sortedEntries: 2048,
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
  /** Minutes of an agent's pulse. */
  pulseMinutes: 30,
  /** What an open console is told: gathered for so long, so many at once (the newest), and so many kept for a new one. */
  liveGatherMs: 25,
  liveBurst: 100,
  liveRecent: 200,
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
  /** How long a person's no is looked back on, and how many of them (targets) of one agent; questions that wait meanwhile. */
  refusalsLastMs: 90 * 24 * 3600 * 1000,
  refusalsPerAgent: 10_000,
  followedQuestions: 20_000,
  /** Entries that a start reads at most to know the pace of the last hour. */
  recalledEntries: 20_000,
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

  /** Denied actions that a suggestion is made of, different calls that one suggested rule names, and one text in it. */
  suggestedActions: 5000,
  suggestedCases: 50,
  suggestedTextLength: 4000,
  /** Action ids that are named beside a suggested rule; further ones are counted. */
  suggestedEvidence: 20,
  /** Operator acts by socket within so long that nobody is told of besides the log; from the next one on somebody is. */
  quietSocketActs: { most: 2, withinMs: 600_000 },
  /** What is left of an operator's conversation with the socket when an instance stops gets this long. */
  socketEndMs: 1000,
  /** `doctor`: waiting for a sibling to be ready, for one answer, for an address, and for a sibling to end. */
  doctorStartMs: 60_000,
  doctorCallMs: 15_000,
  doctorProbeMs: 1500,
  doctorEndMs: 3000,
  /** Servers that one run of `doctor` mirrors, pairs of agent and server that it tries, and how many of them over stdio. */
  doctorServers: 24,
  doctorPairs: 64,
  doctorFullPairs: 8,
  /** `control`: a person's session at most, and without a request; sessions of one person; connections, streams included. */
  signedInMs: 8 * 3600 * 1000,
  signedInIdleMs: 30 * 60_000,
  sessionsPerPerson: 8,
  controlConnections: 2048,
  /** What waits for a person's signature: one challenge; challenges open for anybody and for one person; a change. */
  ceremonyMs: 300_000,
  openCeremonies: 1024,
  ceremoniesPerPerson: 32,
  changeMs: 600_000,
  changesPerAsker: 16,
  keptChanges: 200,
  /** A code for the first admin, an invitation, wrong tries at codes, recovery codes of one person, and how long a passkey made with one waits. */
  enrolCodeMs: 600_000,
  invitationMs: 72 * 3600 * 1000,
  openInvitations: 64,
  codeTriesPerMinute: 10,
  recoveryCodes: 8,
  recoveryWaitMs: 24 * 3600 * 1000,
  tokenTtlMs: 90 * 24 * 3600 * 1000,
  /** Failed authentications from one address in a minute before further ones wait for the next minute. */
  authFailuresPerMinute: 60,
} as const;
