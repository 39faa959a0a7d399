/**
 * main: the composition root. A configuration goes in; everything is built here (foundation.ts, house.ts), and this is the
 * order of a start (start.ts, then instance.ts) and of a stop (instance.ts). What cannot start rejects with StartFailure:
 * lines for a person, the most important first.
 */
