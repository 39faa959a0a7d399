/** What became of a note that a witness was handed. `ahead`: it has another one, and gave it, that ours cannot follow. */
export type Kept = { readonly ahead: string | null };

/** The way to one witness. Every call rejects with a sentence for a person when it cannot be done now. */
export interface WitnessLink {
  /** What it has of this log: notes one after the other, the newest among them; '' for none. */
  recall(signal: AbortSignal): Promise<string>;
  keep(note: string, signal: AbortSignal): Promise<Kept>;
}
