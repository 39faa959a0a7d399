/** Schemas, definitions, catalogs and rules, and what is kept of them in memory. */
export const RULES = {
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
  /** Of those that agents are not shown, so many are named with the reason where a person reads one line. */
  unusableNamed: 8,
  listPages: 256,
  policyFileBytes: 1024 * 1024,
  catalogFileBytes: 1024 * 1024,
  /** Targets, texts and people that a draft names for one operation; where there are more, it says so. */
  draftArguments: 16,
  rules: 20_000,
  /** How deep one rule may nest, by what makes it (policy/text/depth.ts says why). */
  ruleDepth: { nesting: 40, junctions: 500, arithmetic: 60, access: 60 },
  /** A rule's `@id`, and the other texts of its annotations. */
  ruleIdLength: 128,
  annotationLength: 1000,
  /** Rules that can match, kept at hand per pair of operation and agent: how many over all pairs. */
  candidateRules: 1_000_000,
  /** Answers to what an agent is shown, kept at hand. */
  listableAnswers: 65_536,
  /** Answers that are kept in words, so that the same rules say the same of an operation without composing it anew. */
  composedAnswers: 4096,
  composedAnswersEach: 16,
  /** What the official engine said of whole rule sets, kept for when the same is asked again. */
  engineAnswers: 16,
  /** Rules that it has parsed, kept for the same: a whole set, and another that takes its place. */
  engineRules: 40_000,
  /** All of that as it is written down for the next start, and how long it waits for more. */
  engineAnswersBytes: 64 * 2 ** 20,
  engineAnswersAfterMs: 1_000,
  /** From so many operations on the engine is asked on a thread of its own. */
  aheadOperations: 300,
} as const;
