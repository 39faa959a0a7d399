import { type Problem, problem } from '../base/errors.ts';
import { err, type Result } from '../base/result.ts';

/** Why a request's `params` are refused. `what`: the member, and what is wrong with it, for its sender to read. */
export function badParams(what: string): Result<never, Problem> {
  return err(problem('BAD_PARAMS', { what }));
}
