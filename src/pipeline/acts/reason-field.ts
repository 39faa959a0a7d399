import { LIMITS } from '../../base/limits.ts';

/** The reason that somebody gave, as an entry has it: bounded, and absent where none was given. */
export function reasonField(why: string): { readonly why?: string } {
  return why === '' ? {} : { why: why.slice(0, LIMITS.callerReasonLength).toWellFormed() };
}
