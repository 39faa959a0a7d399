/**
 * Values that look like secrets though nobody entrusted them to us: never stored. Best effort by nature (P8): it knows
 * forms, not meanings, and says `[redacted]` where it acted. Secrets that Lanyard does know are scrub.ts's.
 */
const FORMS: readonly string[] = [
  // Its body holds no quote: where it was cut short, what follows it in JSON must stay.
  String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\-]|\\+[nrt]|-(?!----))*(?:-----END [A-Z ]*PRIVATE KEY-----)?`,
  String.raw`\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,255}\b`,
  String.raw`\bgithub_pat_[A-Za-z0-9_]{50,255}\b`,
  String.raw`\bglpat-[A-Za-z0-9_-]{20,}\b`,
  String.raw`\bxox[abeoprs]-[A-Za-z0-9-]{10,}\b`,
  String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
  String.raw`\bAIza[A-Za-z0-9_-]{35}\b`,
  String.raw`\b[sr]k[-_](?:live|test|ant|proj|or)[-_][A-Za-z0-9_-]{16,}`,
  String.raw`\bsk-[A-Za-z0-9]{32,}\b`,
  String.raw`\bnpm_[A-Za-z0-9]{36}\b`,
  String.raw`\blyd_[A-Za-z0-9_-]{20,}\b`,
  // Bounded: `eyJ-eyJ-eyJ…` may begin at every fourth character.
  String.raw`\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,20000}\.[A-Za-z0-9_-]{8,}`,
  String.raw`\b[Bb]earer\s+[A-Za-z0-9._~+/=-]{16,}`,
  String.raw`\b[Bb]asic\s+[A-Za-z0-9+/]{16,}={0,2}`,
  String.raw`(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"]{1,100}:)[^\s@/"]{3,200}(?=@)`,
];

/**
 * Up to where a value begins that is secret by its name, whatever it looks like. Matches inside JSON text (quotes escaped
 * or not) and in prose. Never as a lookbehind: that looks back from every blank of a long run of them.
 */
const NAMED =
  /(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|private[_-]?key|client[_-]?secret|authorization)(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?(?=[^\s"'\\,;}{[\]]{6})/gi;
const VALUE = /[^\s"'\\,;}{[\]]+/y;

const REDACTED = '[redacted]';
const KNOWN_FORMS = new RegExp(FORMS.join('|'), 'g');

/** Cheap first look: none of these, nothing to redact. */
const HINT =
  /-----BEGIN|gh[pours]_|github_pat_|glpat-|xox|AKIA|ASIA|AIza|[sr]k[-_]|npm_|lyd_|eyJ|earer|asic|:\/\/|pass|secret|key|token|authorization/i;

export interface Redactor {
  /** The text with what looks secret replaced; the very same string where nothing did. */
  redact(text: string): string;
}

/** `patterns`: the configuration's own, already checked to compile. */
export function createRedactor(patterns: readonly string[] = []): Redactor {
  const own =
    patterns.length === 0 ? null : new RegExp(patterns.map((source) => `(?:${source})`).join('|'), 'gu');
  return {
    redact(text) {
      let clean = text;
      if (HINT.test(text)) clean = redactNamed(text.replace(KNOWN_FORMS, REDACTED));
      return own === null ? clean : clean.replace(own, REDACTED);
    },
  };
}

/** A value may hold the next name itself (`password=secret=…`), so names are looked for up to each value, not behind it. */
function redactNamed(text: string): string {
  let clean = '';
  let done = 0;
  for (const { 0: upTo, index } of text.matchAll(NAMED)) {
    const start = index + upTo.length;
    if (start < done) continue;
    VALUE.lastIndex = start;
    VALUE.test(text);
    clean += text.slice(done, start) + REDACTED;
    done = VALUE.lastIndex;
  }
  return clean + text.slice(done);
}
