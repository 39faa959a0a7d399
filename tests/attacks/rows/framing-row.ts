import type { Attack, HttpStep, Outcome, Place } from '../attack.ts';
import { ARRIVES, IN_ORDER, MARK, ORDER, post, type Request } from '../wire.ts';

/** What no HTTP parser may take for a request. */
export const UNREADABLE: Outcome = { status: 400, code: 'BAD_HTTP', lacks: [MARK] };

/** A request that is answered with `expect` and never reaches an upstream. */
export const refused = (
  id: string,
  tries: string,
  step: (place: Place) => HttpStep,
  expect: Outcome,
  why: string,
): Attack => ({
  id: `framing-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps: [step],
  expect: { lacks: [MARK], ...expect },
});
/** Its control: unusual, and allowed all the same. */
export const passes = (id: string, tries: string, request: Request, why: string): Attack => ({
  id: `framing-${id}`,
  door: 'http',
  tries,
  must: 'Passes, as what was decided and nothing else.',
  why,
  control: true,
  steps: [post(IN_ORDER, request)],
  expect: { code: 'ok', says: [ORDER] },
  reaches: ARRIVES,
});
