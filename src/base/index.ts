/**
 * base, floor 0: clock, ids, canonical JSON, hashes, limits, the error table. Imports nothing of ours. What is expected to go
 * wrong is a value: a `Result` (result.ts) whose error is a `Problem`, a code with one sentence (errors.ts). Every bound on a
 * queue, a body, a wait or a retry has its name and unit in limits.ts.
 */
