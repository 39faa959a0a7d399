import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize } from '../../base/canonical.ts';
import { fileFault } from '../../base/file-fault.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { openNote, parseVerifierKey, type Signer } from '../../ledger/index.ts';

const DRILL_FORMAT = 'lanyard-drill/1';

/** A report that somebody can be handed: RFC 8785 text in a C2SP signed note, by the key that signs the log. */
interface SignedReport {
  readonly path: string;
  /** `sha256:` of the text: the entry `drill.done` names it. */
  readonly digest: string;
}

export function writeReport(
  state: string,
  signer: Signer,
  report: JsonObject & { readonly drill: string },
): SignedReport {
  const text = `${canonicalize({ format: DRILL_FORMAT, origin: signer.name, ...report })}\n`;
  const directory = join(state, 'drills');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${report.drill}.note`);
  writeFileSync(path, signer.signNote(text), { mode: 0o600, flush: true });
  return { path, digest: digestOf(text) };
}

/** What a report says, once its signature holds by this verifier-key line; an error says why it does not count. */
export function readReport(path: string, keyLine: string): Result<JsonObject, string> {
  const key = parseVerifierKey(keyLine.trim());
  if (!key.ok) return err(`this is no verifier key: ${key.error}`);
  let note: string;
  try {
    note = readFileSync(path, 'utf8');
  } catch (error) {
    return err(`it cannot be read: ${fileFault(error, 'read')}`);
  }
  const text = openNote(note, key.value);
  if (!text.ok) return err(text.error.what);
  const report: unknown = JSON.parse(text.value);
  return isJsonObject(report) && report['format'] === DRILL_FORMAT
    ? ok({ ...report, digest: digestOf(text.value) })
    : err(`it is no report of the form ${DRILL_FORMAT}`);
}
