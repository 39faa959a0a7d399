/** What agents put before people in their own words, as the operator API tells it (docs/formats/appeals.md). */

/** One of them in full. Every text of the agent is visible: controls, invisible and bidirectional characters as `\u{…}`. */
export interface AppealView {
  readonly appeal: string;
  readonly kind: 'question' | 'permission' | 'handover';
  readonly agent: string;
  readonly owner: string;
  readonly state: 'waiting' | 'answered' | 'refused';
  /** RFC 3339. */
  readonly made: string;
  readonly expires: string;
  /** Who may answer: the agent's owner and backup. */
  readonly people: readonly string[];
  /** What the agent wrote: each member by its name. */
  readonly says: readonly { readonly name: string; readonly text: string }[];
  /** Of a question: what there is to choose from. */
  readonly options: readonly string[];
  /** Of a wish for a permission: the rule that would do just that. It is in force nowhere. */
  readonly rule?: string;
  /** Why that rule could not be applied as it stands, a line each. */
  readonly problems?: readonly string[];
  /** What the catalog says is the worst of that operation. */
  readonly worst?: string;
  readonly answer?: {
    readonly person: string;
    readonly answer: 'yes' | 'no';
    readonly option?: number;
    readonly why?: string;
    readonly at: string;
  };
  /** How often the agent came back with it after a no. */
  readonly repeats: number;
}
