/** One control that is patched out of a copy of the source, and which checks of doctor must say so. */
export interface Sabotage {
  readonly what: string;
  readonly file: string;
  /** Stands in the file exactly once; a sabotage that no longer applies fails, so that this list never goes stale. */
  readonly find: string;
  readonly put: string;
  /** Ids of the checks that name it; at least the first must. */
  readonly finds: readonly [string, ...string[]];
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    what: 'every decision is an allow',
    file: 'src/pipeline/decide.ts',
    find: 'return inForce.policy.decide(policyRequest(prepared, level, rooms.clock.now(), seen));',
    put: "return { ...inForce.policy.decide(policyRequest(prepared, level, rooms.clock.now(), seen)), decision: 'allow' };",
    finds: ['forbidden', 'no-permit', 'review', 'rule-error'],
  },
  {
    what: 'rules that forbid are ignored',
    file: 'src/policy/verdict.ts',
    find: "if (forbids.length > 0) return { decision: 'deny', code: 'FORBIDDEN', rules: forbids };",
    put: '',
    finds: ['forbidden', 'edited-files'],
  },
  {
    what: 'rules that cannot be evaluated are skipped',
    file: 'src/policy/verdict.ts',
    find: "if (what !== undefined) return { decision: 'deny', code: 'RULE_ERROR', rules: erred, what };",
    put: '',
    finds: ['rule-error'],
  },
  {
    what: 'what nothing permits is allowed',
    file: 'src/policy/verdict.ts',
    find: "if (permits.length === 0) return { decision: 'deny', code: 'NO_PERMIT', rules: [] };",
    put: '',
    finds: ['no-permit'],
  },
  {
    what: 'reviews are taken for answered',
    file: 'src/policy/verdict.ts',
    find: "if (reviews.length > 0) return { decision: 'review', code: 'APPROVAL_UNAVAILABLE', rules: reviews };",
    put: '',
    finds: ['review'],
  },
  {
    what: 'definitions are not compared with their pins',
    file: 'src/pipeline/pins.ts',
    find: `return pinned?.digest === listed.digest
      ? { status: 'pinned', definition: pinned }`,
    put: `return pinned !== undefined
      ? { status: 'pinned', definition: pinned }`,
    finds: ['pins'],
  },
  {
    what: "an agent's own session is not compared with the pins",
    file: 'src/pipeline/session-pins.ts',
    find: 'return name === null || !this.#differing(action.upstream, session).has(keyOf({ kind, name }));',
    put: 'return true;',
    finds: ['pins-of-one'],
  },
  {
    what: 'tokens never expire',
    file: 'src/pipeline/tokens.ts',
    find: 'if (record === undefined || !matches || record.expiresAtMs <= this.#clock.now()) {',
    put: 'if (record === undefined || !matches) {',
    finds: ['token-expiry'],
  },
  {
    what: 'any secret of a token is taken for the right one',
    file: 'src/pipeline/tokens.ts',
    find: 'if (record === undefined || !matches || record.expiresAtMs <= this.#clock.now()) {',
    put: 'if (record === undefined || record.expiresAtMs <= this.#clock.now()) {',
    finds: ['strangers'],
  },
  {
    what: 'revoking a token does nothing until a restart',
    file: 'src/pipeline/acts.ts',
    find: 'for (const id of ids) tokens.remove(id);',
    put: '',
    finds: ['token-revocation', 'level-killed'],
  },
  {
    what: 'levels that are set are not looked at',
    file: 'src/pipeline/halt-switch.ts',
    find: 'return this.#ladder.levelOf(agent.id, agent.owner, doing, agent.level);',
    put: 'return agent.level;',
    finds: ['level-frozen', 'level-watched'],
  },
  {
    what: 'a watched agent writes as any other',
    file: 'src/policy/policy-set.ts',
    find: "return unite(verdicts, operation, request.level === 'watched' && !known.reads);",
    put: 'return unite(verdicts, operation, false);',
    finds: ['level-watched'],
  },
  {
    what: 'the halt switch is not looked at again before the first byte',
    file: 'src/pipeline/why-not-now.ts',
    find: "return people.has(agent.owner) ? rooms.halt.refusal(agent) : problem('NO_OWNER');",
    put: "return people.has(agent.owner) ? null : problem('NO_OWNER');",
    finds: ['level-last-look'],
  },
  {
    what: 'an action does not wait for its record',
    file: 'src/pipeline/act.ts',
    find: 'const recorded = await recordAllowed(rooms, going, cleared.decision, now, brings, drafts);',
    put: 'const recorded = await Promise.race([recordAllowed(rooms, going, cleared.decision, now, brings, drafts), null]);',
    finds: ['full-disk', 'recorded-first'],
  },
  {
    what: 'what cannot be recorded runs all the same',
    file: 'src/pipeline/recorded.ts',
    find: 'rooms.report(`an action could not be recorded, so it did not run: ',
    put: 'if (error !== null) return null;\n    rooms.report(`it ran without a record: ',
    finds: ['full-disk'],
  },
  {
    what: 'secrets are not scrubbed',
    file: 'src/pipeline/scrub.ts',
    find: 'return { scrub: (text) => text.replace(pattern, SCRUBBED), edition: () => edition };',
    put: 'return { scrub: (text) => text, edition: () => edition };',
    finds: ['secrets'],
  },
  {
    what: 'secrets are scrubbed as they are, and in no encoding',
    file: 'src/pipeline/scrub.ts',
    find: 'for (const source of sourcesOf(secret)) sources.add(source);',
    put: 'sources.add(literally(secret));',
    finds: ['secrets'],
  },
  {
    what: 'every entry has the same leaf',
    file: 'src/ledger/entry.ts',
    find: "if (typeof text === 'string') return Buffer.from(",
    put: "if (typeof text === 'string') return hash('sha256', '', 'buffer');\n  if (text.length < 0) return Buffer.from(",
    finds: ['log-verify'],
  },
  {
    what: 'a log that does not hold is told as one that does',
    file: 'src/cli/commands/log-verify.ts',
    find: 'return report.holds ? EXIT.done : EXIT.denied;',
    put: 'return EXIT.done;',
    finds: ['log-verify'],
  },
  {
    what: 'Host is not looked at',
    file: 'src/doors/mcp/agent-side/guard.ts',
    find: "if (!isOurs(host)) return problem('BAD_HOST', { host: host === '' ? 'nothing' : host });",
    put: '',
    finds: ['web-pages'],
  },
  {
    what: 'limits against floods are off',
    file: 'src/pipeline/admission.ts',
    find: 'return enter(tally, agent.limits, this.#clock.now());',
    put: 'enter(tally, agent.limits, this.#clock.now());\n    return null;',
    finds: ['limits'],
  },
  {
    what: 'arguments are not checked against the pinned schema',
    file: 'src/pipeline/prepare.ts',
    find: "return err(problem('ARGUMENTS_INVALID', { operation: operationOf(attempt), what: checked.error }));",
    put: 'return ok({ pin: definition.digest, extra: {}, blocked: null });',
    finds: ['arguments'],
  },
  {
    what: 'what is sent keeps the form in which it arrived',
    file: 'src/pipeline/action.ts',
    find: 'const argumentsText = canonicalize(sentArguments(attempt, resolved.arguments));',
    put: 'const argumentsText = JSON.stringify(sentArguments(attempt, resolved.arguments));',
    finds: ['canonical'],
  },
  {
    what: 'a key may stand twice in one object',
    file: 'src/base/json-reader.ts',
    find: "if (Object.hasOwn(object, key)) return this.#stop(problem('DUPLICATE_KEY', { key, at: keyAt }));",
    put: '',
    finds: ['split'],
  },
  {
    what: 'answers of servers are passed on with members in our name',
    file: 'src/intake/upstream-message.ts',
    find: 'return holdsOurs(value) ? withoutOurs(value, false) : value;',
    put: 'return value;',
    finds: ['forgery'],
  },
  {
    what: "Lanyard's own files are files like others",
    file: 'src/catalog/protected.ts',
    find: 'return protectedPaths.find((path) => holds(path, target.id) || holds(target.id, path)) ?? null;',
    put: 'return null;',
    finds: ['own-files'],
  },
  {
    what: 'marks are not offered to rules',
    file: 'src/pipeline/marks.ts',
    find: 'return rooms.marks.seen(action, rooms.clock.now());',
    put: 'return [];',
    finds: ['marks'],
  },
  {
    what: 'servers are given the whole environment',
    file: 'src/main/resolve-set.ts',
    find: 'return Object.fromEntries(\n    INHERITED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),\n  );',
    put: "return Object.fromEntries(INHERITED.concat(Object.keys(environment)).map((name) => [name, environment[name] ?? '']));",
    finds: ['environment'],
  },
  {
    what: 'the runtime opens a debugger on a signal',
    file: 'lanyard',
    find: '"$node" --disable-sigusr1 ',
    put: '"$node" ',
    finds: ['debugger'],
  },
  {
    what: 'NODE_OPTIONS of whoever starts it are taken',
    file: 'lanyard',
    find: 'unset NODE_OPTIONS',
    put: ':',
    finds: ['debugger'],
  },
  {
    what: 'what had begun before a crash is forgotten',
    file: 'src/pipeline/recover.ts',
    find: 'for (const action of [...recorder.open].sort()) {',
    put: 'for (const action of [...recorder.open].sort().slice(0, 0)) {',
    finds: ['crash'],
  },
  {
    what: 'what a witness kept is not compared with the log',
    file: 'src/cli/commands/log-verify.ts',
    find: '...(against === undefined ? {} : { against: readWitnessed(against, key).checkpoints }),',
    put: '',
    finds: ['witness'],
  },
];
