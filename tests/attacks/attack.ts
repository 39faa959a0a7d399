/**
 * Who sends: `agent` is the one the rows are about, `other` and `flooder` (20 calls a minute, 4 at once) are others.
 * `walker` may open a tunnel to the canary, which a rule names; `rover` has a rule for everything. The rest hold no token
 * that is good.
 */
export type Who = 'agent' | 'other' | 'flooder' | 'walker' | 'rover' | 'revoked' | 'expired' | 'nobody';

/** Faces beside the doors for agents: the way out, what is for people alone, and the brake. `operator` is a Unix socket. */
export type Face = 'egress' | 'control' | 'operator' | 'brake';
/** Where a gateway has each of them: host and port, or the path of a socket. */
type Faces = Readonly<Partial<Record<Face, string>>>;

/** What a row may name of the place it runs in. */
export interface Place {
  /** Host and port of the gateway, as its clients write it in `Host`. */
  readonly host: string;
  readonly tokens: Readonly<Record<Exclude<Who, 'nobody'>, string>>;
  readonly faces: Faces;
  /** Of the canary, for addresses that a gateway must not follow. */
  readonly canaryUrl: string;
  /** The directory that the upstream `files` serves; empty where there is none. */
  readonly workspace: string;
  /** What earlier steps of this row have kept. */
  readonly kept: Readonly<Record<string, string>>;
}

export interface Reply {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The last JSON-RPC message in it, from a JSON body or an event stream; null where there is none. */
  readonly message: Readonly<Record<string, unknown>> | null;
}

/** One request as its bytes. */
export interface HttpStep {
  readonly kind: 'http';
  readonly bytes: Buffer;
  /** Another face than the door for agents. */
  readonly to?: Face;
  /** Sent again, up to ten seconds, until the answer is this: a gateway may need a moment to see what has changed. */
  readonly until?: (reply: Reply) => boolean;
  /** Keeps a value of the reply for later steps. */
  readonly keep?: (reply: Reply) => Readonly<Record<string, string>>;
}
/** Lines to a gateway's stdio face, and what comes back until it ends. */
export interface StdioStep {
  readonly kind: 'stdio';
  readonly upstream: string;
  readonly token: string;
  readonly input: Buffer;
}
/** The canary changes what it offers; see canary.mjs. */
interface TurnStep {
  readonly kind: 'turn';
  readonly to: string;
}
/** Waits until so much is left of the clock's minute, by which attempts are counted. */
interface MinuteStep {
  readonly kind: 'minute';
  readonly leaveMs: number;
}
/** Several requests at the same time. */
interface TogetherStep {
  readonly kind: 'together';
  readonly steps: readonly HttpStep[];
}
export type Step = HttpStep | StdioStep | TurnStep | MinuteStep | TogetherStep;

/** What of a call must be seen at the canary. */
export interface Reached {
  readonly upstream: string;
  readonly method: string;
  /** A tool's or prompt's name, or a URI. */
  readonly name?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** How the last step must end. */
export interface Outcome {
  /** HTTP status; for stdio steps left out. Several where HTTP libraries are free to choose. */
  readonly status?: number | readonly number[];
  /** `ok`: an ordinary result. Otherwise the gateway's stable code; `none` where HTTP alone refuses. */
  readonly code: string;
  /** Texts that stand in the answer, and that must not. */
  readonly says?: readonly string[];
  readonly lacks?: readonly string[];
  /** Of `together`: how often each `<status> <code>` came. */
  readonly tally?: Readonly<Record<string, number>>;
}

export interface Attack {
  /** Unique, stable: `<class>-<what>`. */
  readonly id: string;
  readonly door: 'http' | 'stdio' | 'check' | Face;
  /** One sentence each, for the page. */
  readonly tries: string;
  readonly must: string;
  readonly why: string;
  /** Whether it is in order, so that a gateway that refuses everything fails. */
  readonly control?: true;
  /** Needs the upstream `files`: a real filesystem server. What was laid out for it (workspace.ts) is looked at afterwards. */
  readonly files?: true;
  /** A row that asks for something that is only Lanyard's: a code of its own, its words, its command line. */
  readonly lanyardOnly?: true;
  /** In order; each is made when those before it are over. */
  readonly steps: readonly ((place: Place) => Step)[];
  readonly expect: Outcome;
  /** What reaches the canary, whatever the answer is; nothing where it is left out. */
  readonly reaches?: readonly Reached[];
}

/** A class of attacks: one heading of the page. */
export interface AttackClass {
  readonly title: string;
  readonly rows: readonly Attack[];
}

/** What a gateway under test must offer; lanyard.ts is one, passthrough.ts another. */
export interface Gateway {
  /** Host and port, and the addresses of single upstreams below it: `http://<host>/mcp/<upstream>`. */
  readonly host: string;
  readonly tokens: Place['tokens'];
  /** The gateway's stable code in an answer; null where it is an ordinary result. */
  codeOf(reply: Reply): string | null;
  /** Whether its codes and statuses are those of the rows. Otherwise only what reaches the canary and `lacks` are held. */
  readonly exact: boolean;
  /** The directory that its upstream `files` serves, `workspace` by name; null where it has no such upstream. */
  readonly workspace: string | null;
  /** How its stdio face is started; null where it has none. */
  readonly stdio:
    | ((upstream: string) => { readonly command: string; readonly args: readonly string[] })
    | null;
  /** Rows about a face that is not here are left out by name. */
  readonly faces?: Faces;
  stop(): Promise<void>;
}
