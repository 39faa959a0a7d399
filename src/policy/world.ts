import type { JsonObject } from '../base/json.ts';
import type { Agent } from '../model/agent.ts';
import type { Person } from '../model/person.ts';

/** Everything that rules can name: what the schema is generated from and rules are checked against. */
export interface World {
  readonly people: readonly Person[];
  readonly agents: readonly Agent[];
  readonly operations: readonly WorldOperation[];
  readonly upstreams: readonly WorldUpstream[];
  /** Target types by name; attributes are all String, and `id` is always there. */
  readonly types: Readonly<Record<string, TargetType>>;
}

export interface WorldUpstream {
  readonly id: string;
  /** Whether its definitions were ever pinned; until then rules that name its operations are dormant. */
  readonly pinned: boolean;
}

export interface TargetType {
  readonly parents: readonly string[];
  readonly attributes: readonly string[];
}

export interface WorldOperation {
  /** `mcp:files/write_file`, `mcp:files/resources/read`. */
  readonly id: string;
  readonly upstream: string;
  /** `risk:…`, `effect:…`, `upstream:…`. */
  readonly groups: readonly string[];
  /** The pinned JSON schema of its arguments; null for resources and prompts, whose shape is fixed. */
  readonly inputSchema: JsonObject | null;
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** At least one; `Target` where the operation has no target of its own. */
  readonly targetTypes: readonly string[];
  /** Permitted by the configuration itself (`may:`); rules can still forbid it. */
  readonly granted?: boolean;
}

/** The type of the target of an operation that names none of its own. */
export const PLAIN_TARGET = 'Target';
