/**
 * pipeline: the corridors. act.ts is the order of one action (go-on.ts where its upstream asks for input first, clear.ts where
 * its caller does it elsewhere), operate.ts that of an operator's act; nothing runs otherwise. record.ts is the one way into
 * the log. ports/ is what doors hand in and upstream clients are handed. What a door hands in never rejects: a fault on
 * the way to a decision is a denial with a code, one after the first byte an outcome.
 */
