/** One promise of the house and the tests that would fail if it were broken. */
export interface Requirement {
  readonly id: `P${number}`;
  readonly promise: string;
  /** File → titles of its tests or groups of tests; each carries the id. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
  /** What of the promise is not built yet, in words; absent where it holds in full. */
  readonly toCome?: string;
}
