import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Signer } from '../../ledger/signer.ts';
import { answersGiven, answersSoFar, engineVersion, keepAnswers, readAnswers } from '../../policy/index.ts';
import { VERSION } from '../version.ts';

/**
 * What the official engine said of the rules in force, kept beside the log: with it a start needs no engine, which takes
 * 0.3 s and 40 MB with a few rules, and seconds with thousands of operations. Signed with the key of the checkpoints,
 * because a rule that was read otherwise is another rule: whoever can forge it can forge the log (THREATS.md). What does
 * not verify is as if it were not there, and the engine is asked.
 */
const FORMAT = 'lanyard-engine-answers/1';

function noteOn(signer: Signer, body: string): string {
  return signer.signNote(`${FORMAT}\n${VERSION} with ${engineVersion()}\n${digestOf(body)}\n`);
}

/** Takes what is kept at `path`; false: nothing, or nothing that this key signed for this version and engine. */
export function recallAnswers(signer: Signer, path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    // Signatures of Ed25519 are all of one length, and one text has one only (RFC 8032 §5.1.6).
    const body = text.slice(noteOn(signer, '').length);
    if (text !== noteOn(signer, body) + body) return false;
    const answers = readAnswers(JSON.parse(body));
    if (answers === null) return false;
    keepAnswers(answers);
    return true;
  } catch {
    return false;
  }
}

/** Writes them to `path`, in place: what a crash tears does not verify. */
async function writeAnswers(signer: Signer, path: string): Promise<void> {
  const body = JSON.stringify(answersGiven());
  if (body.length > LIMITS.engineAnswersBytes) return;
  await writeFile(path, noteOn(signer, body) + body, { mode: 0o600 });
}

/** Keeps them up to date; `look` says that there may be new ones. A disk that takes none costs the next start time. */
export function keepAnswersAt(signer: Signer, path: string): { look(): void; end(): Promise<void> } {
  let written = -1;
  let due: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();
  const write = () => {
    due = null;
    const now = answersSoFar();
    if (now === written) return;
    written = now;
    writing = writing.then(() => writeAnswers(signer, path)).catch(() => undefined);
  };
  return {
    look() {
      due ??= setTimeout(write, LIMITS.engineAnswersAfterMs).unref();
    },
    async end() {
      if (due !== null) clearTimeout(due);
      write();
      await writing;
    },
  };
}
