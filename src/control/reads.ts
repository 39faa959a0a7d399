import type { JsonObject } from '../base/json.ts';
import type { ApprovalFate, QuestionPage, QuestionsOf } from '../contract/approval.ts';
import type {
  ActionPage,
  ActionStory,
  AgentRow,
  AgentView,
  DrillsView,
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
  drills(): DrillsView;
  /** A page of the questions to people; those that wait in the order of their gravity, and then of their age. */
  questions(reader: Person, of: QuestionsOf, from: number): QuestionPage;
  /** What became of a question that is no more; null where there was none. */
  fate(approval: string): Promise<ApprovalFate | null>;
  /** Tells what happens from now on, all followers the very same list; answers how to leave. */
  follow(tell: (events: readonly LiveEvent[]) => void): () => void;
}
