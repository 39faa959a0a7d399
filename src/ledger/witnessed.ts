import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { VerifierKey } from './note.ts';

/** What a text of notes, one after the other, says of one log (docs/formats/witness.md). */
export interface Witnessed {
  /** The checkpoints that the key signed, in the order they stand in. */
  readonly checkpoints: readonly Checkpoint[];
  /** How many notes are of other keys, forged, or no checkpoints. */
  readonly strange: number;
}

/** The whole notes of a text; what a writer that died left unfinished is passed over. */
export function splitNotes(text: string): string[] {
  const notes: string[] = [];
  let body: string | null = null;
  for (const paragraph of text.split(/\n{2,}/)) {
    const isSigned = paragraph.startsWith('— ');
    if (isSigned && body !== null) notes.push(`${body}\n\n${paragraph.replace(/\n$/, '')}\n`);
    body = isSigned || paragraph === '' ? null : paragraph.replace(/^\n/, '');
  }
  return notes;
}

/** Reads every note of a text with the key that signs the log's checkpoints. */
export function readWitnessed(text: string, key: VerifierKey): Witnessed {
  const checkpoints: Checkpoint[] = [];
  let strange = 0;
  for (const note of splitNotes(text)) {
    const opened = openCheckpoint(note, key);
    if (opened.ok) checkpoints.push(opened.value);
    else strange++;
  }
  return { checkpoints, strange };
}
