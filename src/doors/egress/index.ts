/**
 * doors/egress: the way out. A proxy that knows CONNECT alone, and the client that looks a name up, connects the address
 * and carries bytes until either end, or a stop, closes the tunnel. What passes inside is not looked at.
 */
export { type ConnectDoor, type ConnectDoorOptions, createConnectDoor } from './door.ts';
export { createWayOut, type Lookup } from './way-out.ts';
