/**
 * doors/run: programs that run for an agent. Keeps hold of their processes, and gives each its own door: what it reaches
 * of Lanyard, and the way out.
 */

export { sandboxOf } from './bubblewrap.ts';
export { Cgroup } from './cgroup.ts';
export { createRunDesk, RUN_PROTOCOL, type RunDesk, type RunTermsGiven } from './desk.ts';
export { type Limits, launchOf, limited } from './launch.ts';
export { closeLeftOpen } from './left-open.ts';
export { findMeans, heldBy, type Means, weakLimits, weaknesses } from './means.ts';
export { isAlive, ProcessTree } from './process-tree.ts';
export { markedBy } from './processes.ts';
export { openRunDoor, type RunDoor, type RunDoorOptions } from './run-door.ts';
export { seatbeltOf } from './seatbelt.ts';
export { socketsInFiles } from './sockets.ts';
