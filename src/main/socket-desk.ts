import { LIMITS } from '../base/limits.ts';
import { type OperatingGround, type OperatorAct, operate } from '../pipeline/operate.ts';
import type { Foundation } from './house.ts';

/**
 * Operator acts that came by the socket. Any program of this user can make them, so somebody is told when there are
 * many: for now with a line for whoever watches the instance.
 */
export function createSocketDesk(
  ground: OperatingGround,
  log: (line: string) => void,
): Foundation['operate'] {
  const { most, withinMs } = LIMITS.quietSocketActs;
  let lately: number[] = [];
  const count = ({ name }: OperatorAct<unknown>) => {
    const now = ground.clock.monotonicMs();
    lately = [...lately.filter((at) => at > now - withinMs), now].slice(-most - 1);
    if (lately.length <= most) return;
    log(
      `more than ${most} operator acts by socket within ${withinMs / 60_000} minutes, the last one: ${name}. If that was not you, a program of this user did it; see ./lanyard log show`,
    );
  };
  return async (act) => {
    const done = await operate(ground, { by: 'socket' }, act);
    if (done.ok) count(act);
    return done;
  };
}
