import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalText, parseCanonical } from './canonical.ts';
import { type Scanned, scanEntry } from './scan.ts';

/** What is read of an entry whose text is canonical. */
interface ReadEntry {
  /** null: it has no seq that could be its place. */
  readonly seq: number | null;
  /** Only where they were asked for, or had to be read anyway. */
  readonly members: JsonObject | null;
}

/** null: not canonical, or no object. */
export function readCanonical(text: string, wantMembers: boolean): ReadEntry | null {
  const scanned = scanEntry(text);
  if (scanned !== null) return { seq: scanned.seq, members: wantMembers ? parseScanned(text) : null };
  const members = parseCanonical(text);
  return members === null ? null : { seq: placeOrNull(members['seq']), members };
}

/** A printed line taken apart. */
interface PrintedEntry extends ReadEntry {
  readonly leaf: string;
  /** RFC 8785 of the members without `leaf`. */
  readonly text: string;
}

const KEY_LENGTH = '"leaf":'.length;
/** 32 bytes in base64, and the quotes. */
const VALUE_LENGTH = 46;

/** null: the line is not canonical, or has no leaf of 32 bytes. */
export function readPrinted(line: string, wantMembers: boolean): PrintedEntry | null {
  const scanned = scanEntry(line);
  if (scanned !== null) return splitScanned(line, scanned, wantMembers);
  const all = parseCanonical(line);
  if (all === null) return null;
  const { leaf, ...members } = all;
  if (typeof leaf !== 'string' || leaf.length !== VALUE_LENGTH - 2) return null;
  return { seq: placeOrNull(members['seq']), members, leaf, text: canonicalText(members) };
}

function splitScanned(
  line: string,
  { seq, leafFrom, leafTo }: Scanned,
  wantMembers: boolean,
): PrintedEntry | null {
  const value = line.slice(leafFrom + KEY_LENGTH, leafTo);
  if (leafFrom < 0 || value.length !== VALUE_LENGTH || !value.startsWith('"')) return null;
  // `seq` is there too, so one comma goes with the member: the one behind it, or before it where it is the last.
  const text =
    line[leafTo] === ','
      ? line.slice(0, leafFrom) + line.slice(leafTo + 1)
      : line.slice(0, leafFrom - 1) + line.slice(leafTo);
  return { seq, members: wantMembers ? parseScanned(line) : null, leaf: value.slice(1, -1), text };
}

/** Of a text that the scan accepted: it is a JSON object. */
function parseScanned(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

function placeOrNull(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
