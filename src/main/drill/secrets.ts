import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { House } from '../house.ts';
import type { Step } from '../revoke/resolve.ts';
import { secretsAtStake } from '../revoke/stake.ts';
import type { DrilledThing, NotTried } from './thing.ts';

/** What a kill of this agent would do about secrets: each step is looked at, and none is run. */
export function secretsSeen(
  house: House,
  agent: string,
): { readonly things: readonly DrilledThing[]; readonly notTried: readonly NotTried[] } {
  const { revokes } = house.resolved();
  const things: DrilledThing[] = [];
  const notTried: NotTried[] = [];
  for (const { upstream } of secretsAtStake(house, `agent:${agent}`)) {
    const revoke = revokes.get(upstream);
    const what = `the secret of ${upstream}`;
    if (revoke === undefined) {
      notTried.push({ what, why: 'nothing revokes it: it stays good after a kill' });
      continue;
    }
    const steps = revoke.verify === null ? [revoke.step] : [revoke.step, revoke.verify];
    const name = `${what}: ${revoke.verify === null ? 'its step is there, and no read proves it' : 'its step and the read that proves it are there'}`;
    things.push({ kind: 'secret', name, ms: null, held: steps.every((step) => isReady(step)) });
    notTried.push({ what: `revoking ${what}`, why: 'a drill looks at its step and never runs it' });
  }
  return { things, notTried };
}

/** Whether it could begin: a program that is there and may be run, an address that is one. */
export function isReady(step: Step): boolean {
  if ('url' in step) return URL.canParse(step.url);
  const [program = ''] = step.command;
  const places = (step.env['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  return program.includes('/') ? mayRun(program) : places.some((place) => mayRun(join(place, program)));
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
