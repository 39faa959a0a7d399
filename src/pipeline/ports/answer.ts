import type { Problem } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Decision } from '../../model/decision.ts';
import type { TaskView } from '../tasks/task.ts';

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

/** What a client said to what it was asked. */
export type Said =
  | {
      readonly kind: 'result';
      readonly result: JsonObject;
      /** Of an address to open: tells the client, under the id that it was given, that this is done. */
      readonly completed?: () => void;
    }
  | { readonly kind: 'error'; readonly error: RpcError }
  /** Nothing any more: it was cancelled, or the client went away. */
  | { readonly kind: 'gone' };

/** What a door passes on to its client. Everything in it is scrubbed and redacted already. */
export type Answer =
  | {
      readonly kind: 'result';
      readonly action: string;
      readonly result: JsonObject;
      /** `result` as JSON, where it was written already: whoever passes on another result leaves it out. */
      readonly text?: string | undefined;
    }
  /** The upstream answered with a JSON-RPC error of its own. */
  | { readonly kind: 'error'; readonly action: string; readonly error: RpcError }
  /** The upstream asks for input first (2026-07-28); `state` is ours, and the call goes on with it. */
  | {
      readonly kind: 'input-required';
      readonly action: string;
      readonly requests: JsonObject;
      readonly state: string;
    }
  /** It goes on as a task, which is ours. */
  | { readonly kind: 'task'; readonly action: string; readonly task: TaskView }
  /** Decided: denied. Answered as a tool result with `isError` and `_meta["dev.lanyard/decision"]`. */
  | {
      readonly kind: 'denied';
      readonly action: string;
      readonly decision: Decision;
      /** The tool of the built-in server that helps the agent on. */
      readonly helps?: string | undefined;
    }
  /** Executed or begun, and it did not end well: failed, aborted or unknown. */
  | { readonly kind: 'failed'; readonly action: string; readonly problem: Problem }
  /** Never became an action: malformed, unknown, over a limit. Answered as a JSON-RPC error; already counted. */
  | { readonly kind: 'refused'; readonly problem: Problem };
