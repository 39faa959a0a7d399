import type { JsonObject } from '../base/json.ts';

/** What an upstream may ask of its client in the middle of a call; each is an operation of its own. */
export const ASK_METHODS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;
export type AskMethod = (typeof ASK_METHODS)[number];

/** The words of `may:` in the configuration. */
export const ASK_KINDS = ['elicitation', 'sampling', 'roots'] as const;
export type AskKind = (typeof ASK_KINDS)[number];

export function askKindOf(method: AskMethod): AskKind {
  switch (method) {
    case 'elicitation/create':
      return 'elicitation';
    case 'sampling/createMessage':
      return 'sampling';
    case 'roots/list':
      return 'roots';
  }
}

export function isAskMethod(method: string): method is AskMethod {
  return (ASK_METHODS as readonly string[]).includes(method);
}

/** One request of an upstream, as it came or as it goes on. */
export interface Ask {
  readonly method: AskMethod;
  readonly params: JsonObject;
}

/** What an upstream may ask, and the hosts that it may send a person to (`may:` and `mayOpen:`). */
export interface AskPermission {
  readonly kinds: ReadonlySet<AskKind>;
  /** Lower-case host names; `*.example.org` stands for every name below it. */
  readonly hosts: readonly string[];
}

/** What a client said it can be asked, and whether it knows tasks. Its own claim, made once or with each request. */
export interface ClientCan {
  readonly form: boolean;
  readonly url: boolean;
  readonly sampling: boolean;
  readonly samplingTools: boolean;
  readonly roots: boolean;
  /** 2026-07-28: the extension `io.modelcontextprotocol/tasks`. */
  readonly tasks: boolean;
}

export const CAN_NOTHING: ClientCan = {
  form: false,
  url: false,
  sampling: false,
  samplingTools: false,
  roots: false,
  tasks: false,
};
