/**
 * doors/http: what all doors over HTTP have in common: who may come in (guard.ts), how a body is read and bounded, what
 * runs and how it is drained, and how a refusal is answered. Knows no protocol on top of HTTP.
 */
export { bearerOf, createGuard, peerOf } from './guard.ts';
export { createDoorServer, type DoorTls } from './server.ts';
