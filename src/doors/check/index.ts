/**
 * doors/check: where programs ask whether an agent may do what they are about to do for it (AuthZEN 1.0), and tell what
 * came of it. Knows the wire and who is asking; decides nothing: every question goes through the corridor.
 */
export { type CheckDoor, type CheckDoorOptions, createCheckDoor } from './door.ts';
