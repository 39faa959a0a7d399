import type { JsonObject } from '../base/json.ts';
import type {
  ActionPage,
  ActionStory,
  AgentRow,
  AgentView,
  DutiesView,
  InventoryView,
  LiveEvent,
  LogPage,
  LogView,
  Overview,
  RulesView,
  TriedRules,
} from '../contract/control-reads.ts';
import type { Person } from '../model/person.ts';

/** What is looked for among actions; what is absent matches anything. */
export interface ActionQuery {
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
  /** A decision, or how it ended. */
  readonly fate?: 'allow' | 'review' | 'deny' | 'failed' | 'aborted' | 'unknown' | undefined;
  /** Letters that its entry holds. */
  readonly text?: string | undefined;
  readonly before?: number | undefined;
}

/** What the console reads of a running instance; main/ implements it. It changes nothing. */
export interface Reads {
  overview(reader: Person): Promise<Overview>;
  agents(): Promise<readonly AgentRow[]>;
  agent(id: string): Promise<AgentView | null>;
  actions(query: ActionQuery): Promise<ActionPage>;
  action(id: string): Promise<ActionStory | null>;
  rules(): Promise<RulesView>;
  /** Decides by the rules in force what nobody tries; executes nothing, records nothing. */
  tryRules(trial: {
    readonly agent: string;
    readonly operation: string;
    readonly input: JsonObject;
  }): TriedRules;
  inventory(): Promise<InventoryView>;
  log(): Promise<LogView>;
  logEntries(before: number | undefined): Promise<LogPage>;
  /** A bundle (`lanyard-log/1`) of all that the newest checkpoint covers; null before the first. */
  exportLog(): Promise<AsyncIterable<string> | null>;
  duties(): Promise<DutiesView>;
  /** Tells what happens from now on; answers how to leave. */
  follow(tell: (event: LiveEvent) => void): () => void;
}
