import { APPROVALS } from './errors/approvals.ts';
import { CONSOLE } from './errors/console.ts';
import { DECISIONS } from './errors/decisions.ts';
import { DOORS } from './errors/doors.ts';
import { OPERATOR } from './errors/operator.ts';
import { OUTCOMES } from './errors/outcomes.ts';
import { REQUESTS } from './errors/requests.ts';
import type { ErrorRow } from './errors/row.ts';
import { withoutInvisible } from './invisible.ts';

/**
 * The one table of what can be answered instead of a result. A code is stable for good: scripts and rules of others
 * name it. The sentence is for a person; `{…}` is filled with the particular case.
 */
export const ERRORS = {
  ...REQUESTS,
  ...CONSOLE,
  ...DECISIONS,
  ...OUTCOMES,
  ...OPERATOR,
  ...DOORS,
  ...APPROVALS,
} satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal, denial or failure as a value: a code, and the table's sentence with its blanks filled. */
export interface Problem {
  readonly code: ErrorCode;
  readonly sentence: string;
}

/** `problem('TOO_DEEP', { limit: 64 })`. A blank that `details` leaves open stays visible, so that a test sees it. */
export function problem(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}): Problem {
  const sentence = ERRORS[code].sentence.replace(/\{(\w+)\}/g, (blank, name: string) =>
    Object.hasOwn(details, name) ? shorten(String(details[name])) : blank,
  );
  return { code, sentence };
}

/** Details come from outside: one line, no control characters, bounded. */
function shorten(text: string): string {
  const line = withoutInvisible(text);
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
