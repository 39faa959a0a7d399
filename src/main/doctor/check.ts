import { systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/error-text.ts';

/** What one try of a control came to. */
export type Sight = {
  /** Where it was tried: an agent and a server, a door, a file. */
  readonly surface: string;
  /** What was done, in the past tense, and what came of it. */
  readonly did: string;
  readonly saw: string;
  /** Null: it could not be tried, and `saw` says why. */
  readonly fired: boolean | null;
};

/**
 * One control and how it is fired on purpose. `id` is what scripts know it by. A check that throws has not fired:
 * doctor never takes its own trouble for a good sign.
 */
export interface Check<Scene> {
  readonly id: string;
  readonly control: string;
  run(scene: Scene): Promise<readonly Sight[]>;
}

export type Checked = {
  readonly id: string;
  readonly control: string;
  readonly sights: readonly Sight[];
  /** How long it took, on a machine that several siblings share. */
  readonly tookMs: number;
};

export async function runCheck<Scene>(check: Check<Scene>, scene: Scene): Promise<Checked> {
  const { id, control } = check;
  const began = systemClock.monotonicMs();
  const sights = await sightsOf(check, scene);
  return { id, control, sights, tookMs: Math.round(systemClock.monotonicMs() - began) };
}

async function sightsOf<Scene>({ run }: Check<Scene>, scene: Scene): Promise<readonly Sight[]> {
  try {
    const sights = await run(scene);
    if (sights.length > 0) return sights;
    return [untried('everywhere', 'nothing', 'there was nothing to try it on')];
  } catch (error) {
    const saw = `doctor itself met a fault: ${messageOf(error)}`;
    return [{ surface: 'everywhere', did: 'tried it', saw, fired: false }];
  }
}

export function untried(surface: string, did: string, why: string): Sight {
  return { surface, did, saw: why, fired: null };
}
