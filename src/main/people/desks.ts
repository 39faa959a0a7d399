import { MINUTE_MS } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import type { Change, Changes } from '../../control/people/changes.ts';
import type { Person } from '../../model/person.ts';
import { whyNot } from '../../pipeline/acts/rights.ts';
import { needsProof, type OperatingGround, type OperatorAct, operate } from '../../pipeline/operate.ts';
import type { Foundation } from '../foundation.ts';

/** Told of each change that waits for a signature. */
export type OnWaiting = (change: Change) => void;
export type Operate = Foundation['operate'];

/**
 * Operator acts that came by the socket. Any program of this user can make them, so somebody is told when there are
 * many: for now with a line for whoever watches the instance. Once the instance is claimed, what widens waits for a
 * signature; without `onWaiting` there is nobody to wait, and operate.ts refuses it.
 */
export function createSocketDesk(
  ground: OperatingGround,
  changes: Changes,
  log: (line: string) => void,
): (onWaiting?: OnWaiting) => Operate {
  const { most, withinMs } = LIMITS.quietSocketActs;
  let lately: number[] = [];
  const count = ({ name }: OperatorAct<unknown>) => {
    const now = ground.clock.monotonicMs();
    lately = [...lately.filter((at) => at > now - withinMs), now].slice(-most - 1);
    if (lately.length <= most) return;
    log(
      `more than ${most} operator acts by socket within ${withinMs / MINUTE_MS} minutes, the last one: ${name}. If that was not you, a program of this user did it; see ./lanyard log show`,
    );
  };
  return (onWaiting) => async (act) => {
    const waits = onWaiting !== undefined && ground.claimed() && needsProof(act);
    const done = waits
      ? await changes.ask('socket', act, onWaiting)
      : await operate(ground, { by: 'socket' }, act);
    if (done.ok) count(act);
    return done;
  };
}

/** Acts of a signed-in person: at once where nothing needs to be signed, else as a change that waits. */
export function createPersonDesk(
  ground: OperatingGround,
  changes: Changes,
  person: Person,
  onWaiting?: OnWaiting,
): Operate {
  return async (act) => {
    if (!needsProof(act) || onWaiting === undefined) return operate(ground, { by: 'person', person }, act);
    const why = whyNot(person, act.name, false, act.about ?? {});
    return why === null ? changes.ask(person.id, act, onWaiting) : err(why);
  };
}
