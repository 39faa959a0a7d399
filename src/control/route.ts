import type { z } from 'zod';
import type { Problem } from '../base/errors.ts';
import type { Person } from '../model/person.ts';
import type { OperatorRefusal } from './operations.ts';
import type { ControlPort } from './port.ts';

/** Whom a route answers. `anyone` is for what must work before a sign-in; what changes something says no to auditors in operate.ts. */
type Who = 'anyone' | 'signed-in';

/** A signed-in person, and the session that she came with. */
export interface SignedIn {
  readonly person: Person;
  /** Names the session without being its token. */
  readonly session: string;
}

export interface Call<Body, Query> {
  readonly port: ControlPort;
  /** Null only on routes for anyone. */
  readonly who: SignedIn | null;
  /** The origin that people's browsers have of this server, as this request came: what passkeys are bound to. */
  readonly origin: string;
  /** Whose connection it came by; a proxy's own, where one stands before this server. */
  readonly from: string;
  /** `:name` parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/** JSON, or a problem with its status (base/errors.ts), or a stream of server-sent events. */
export type Answer =
  | { readonly value: unknown; readonly status?: number }
  | { readonly problem: Problem }
  /** Refused with a sentence and lines that show what was found, as the operator socket does: 409. */
  | { readonly refused: OperatorRefusal }
  | { readonly events: EventSource }
  /** What no JSON is, under its own type. */
  | { readonly bytes: string | Uint8Array; readonly type: string }
  /** NDJSON, sent as it is read. */
  | { readonly lines: AsyncIterable<string> };

/** Called once the stream is open; answers how to end it. `send` drops what a reader that is too slow does not take. */
export type EventSource = (send: (events: readonly SentEvent[]) => void) => () => void;
export interface SentEvent {
  readonly event: string;
  readonly data: object;
}

/** One route of `control`, as the table holds it and /v1/openapi.json describes it. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/v1/approvals/:id` */
  readonly path: string;
  readonly who: Who;
  /** One sentence. */
  readonly does: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly answer?: z.ZodType;
  /** The media type of what it answers, where that is no JSON. */
  readonly media?: string;
  handle(call: Call<unknown, unknown>): Promise<Answer>;
}

interface Given<Body, Query> extends Omit<Route, 'body' | 'query' | 'handle'> {
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  handle(call: Call<Body, Query>): Promise<Answer>;
}

/** A route whose handler gets body and query as its shapes say. What does not fit them never reaches it. */
export function route<Body = undefined, Query = undefined>(given: Given<Body, Query>): Route {
  const { handle, ...rest } = given;
  // The server has parsed both with these very shapes.
  return { ...rest, handle: (call) => handle(call as Call<Body, Query>) };
}

/** Who is signed in; for routes that are for nobody else. */
export function signedIn(call: Call<unknown, unknown>): SignedIn {
  if (call.who === null) throw new Error('a route for signed-in people was called without one');
  return call.who;
}
