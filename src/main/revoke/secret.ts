import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { Revoke, Step } from './resolve.ts';
import { runStep, type StepEnd } from './step.ts';

/** What became of a secret. */
export interface Revoked {
  /** How often the step was tried. */
  readonly attempts: number;
  /** Whether a read that the secret opened before is refused now. */
  readonly proved: boolean;
  /** Why it may work still, in our words; absent: it was revoked, and where a read is named that was refused. */
  readonly failed?: string;
  /** What the step that failed said last, unscrubbed. */
  readonly said?: string;
}

/**
 * First the read, once and for LIMITS.revokeBaselineMs at most: one that did not work before proves nothing when it is refused.
 * Then runs the step until it is done, and then the read until that is refused: LIMITS.revokeTries times each at most. The read
 * is tried even where the step was not done: what counts is whether the secret works.
 */
export async function revokeSecret({ step, verify }: Revoke, stopping: AbortSignal): Promise<Revoked> {
  const before = verify === null ? null : await runStep(brief(verify), stopping);
  const { last, attempts } = await tryUntil('done', step, stopping);
  const said = last.said === undefined || last.said.trim() === '' ? {} : { said: last.said };
  const stepFailed = last.end === 'done' ? null : `the step was not done: ${last.how}`;
  if (verify === null) {
    return { attempts, proved: false, ...(stepFailed === null ? {} : { failed: stepFailed, ...said }) };
  }
  const read = (await tryUntil('refused', verify, stopping)).last;
  const isRefused = read.end === 'refused';
  const proved = isRefused && before?.end === 'done';
  if (stepFailed !== null) return { attempts, proved, failed: stepFailed, ...said };
  if (proved) return { attempts, proved };
  const failed = isRefused
    ? `nothing proves it: the read is refused, and did not work before either (${before?.how})`
    : read.end === 'done'
      ? `the secret works still: the read was answered (${read.how})`
      : `nothing proves it: the read ended with ${read.how}`;
  return { attempts, proved, failed };
}

const brief = (step: Step): Step => ({
  ...step,
  timeoutMs: Math.min(step.timeoutMs, LIMITS.revokeBaselineMs),
});

async function tryUntil(
  wanted: StepEnd['end'],
  step: Step,
  stopping: AbortSignal,
): Promise<{ readonly last: StepEnd; readonly attempts: number }> {
  let last = await runStep(step, stopping);
  let attempts = 1;
  while (last.end !== wanted && attempts < LIMITS.revokeTries && !stopping.aborted) {
    const gapMs = LIMITS.revokeGapMs * 2 ** (attempts - 1);
    await pause(gapMs, undefined, { signal: stopping }).catch(() => undefined);
    last = await runStep(step, stopping);
    attempts++;
  }
  return { last, attempts };
}
