export interface Verdict {
  readonly holds: boolean;
  /** The first broken entry, where one can be named. */
  readonly firstBroken: number | null;
  readonly why: readonly string[];
  readonly size?: number;
  readonly open?: readonly string[];
}

export function verifyBundle(
  bytes: Uint8Array,
  options?: { readonly key?: string; readonly against?: readonly string[]; readonly deep?: boolean },
): Verdict;
