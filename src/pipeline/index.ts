/** pipeline: the corridor. act.ts is the order of one action, operate.ts that of an operator's act; nothing runs otherwise. */
