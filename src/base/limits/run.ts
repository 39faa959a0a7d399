/** Programs under `./lanyard run`. */
export const RUN = {
  runsPerAgent: 256,
  /** What is kept of a program's output: the end of it, both streams together. */
  runOutputBytes: 128 * 1024,
  /** One line between the command and the instance. */
  runLineBytes: 512 * 1024,
  runCommandLength: 4096,
  /** Sockets of other programs in the file system, covered one by one; bubblewrap takes 9,000 words, three for each. */
  runSockets: 2048,
  /** Looks at a process tree without a cgroup, until one finds nothing new. */
  treeLooks: 200,
  /** Between two looks at whether a tree has ended, and how many there are. */
  treeEndedEveryMs: 2,
  /** How long a tree that is to be killed may take to stand still before it is killed as it is. */
  treeFreezeMs: 20,
  treeEndedLooks: 2000,
  /** How long a command may take to tell how a program ended that was killed; then that is recorded without. */
  runReportMs: 2000,
  /** The longest that one timer of Node waits: about 24.8 days. */
  timerMs: 2 ** 31 - 1,
} as const;
