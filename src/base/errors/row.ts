/**
 * One row of the error table. kind: `refuse` malformed or unknown input, before any decision · `deny` a decision · `fail`
 * an outcome · `fault` something of ours is broken. http: status where the answer is not a JSON-RPC message of its own.
 * rpc: JSON-RPC code.
 */
export interface ErrorRow {
  readonly kind: 'refuse' | 'deny' | 'fail' | 'fault';
  readonly http: number;
  readonly rpc: number;
  readonly sentence: string;
}

// JSON-RPC 2.0, "Error object".
export const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** Of our own: MCP reserves what JSON-RPC leaves to implementations, and clients take -32001 for a time-out. */
const DENIED = 403;

/** Refused before any decision. `http`: the status where the answer is no JSON-RPC message. */
export const refusal = (http: number, sentence: string, rpc = INVALID_REQUEST): ErrorRow => ({
  kind: 'refuse',
  http,
  rpc,
  sentence,
});
/** Decided against. The answer is a JSON-RPC message with HTTP status 200, as every decision's is. */
export const denial = (sentence: string): ErrorRow => ({ kind: 'deny', http: 200, rpc: DENIED, sentence });
/** The action ran, or may have, and did not end well. */
export const failure = (sentence: string): ErrorRow => ({
  kind: 'fail',
  http: 200,
  rpc: INTERNAL_ERROR,
  sentence,
});
/** Something of ours is broken. */
export const fault = (http: number, sentence: string): ErrorRow => ({
  kind: 'fault',
  http,
  rpc: INTERNAL_ERROR,
  sentence,
});
