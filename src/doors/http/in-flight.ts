import { BriefMap } from '../../base/brief-map.ts';
import { LIMITS } from '../../base/limits.ts';
import { ENDING } from '../../pipeline/ports/call.ts';

/** A request that is being answered, as far as the door must reach it. */
export interface Flight {
  /** Called once every so often while it runs. */
  tick(): void;
  abort(reason?: Error): void;
  /** Lanyard ends: whoever waits is told so, if nothing else was answered. */
  giveUp(): void;
}

/** Every request that is being answered: ticked by one common timer, and waited for or aborted when the door closes. */
export interface InFlight {
  add(flight: Flight): void;
  remove(flight: Flight): void;
  /**
   * Resolves when nothing runs any more. After `withinMs` what still runs is aborted, and has LIMITS.lastAnswerMs to be
   * recorded and answered; what has no answer then is given up.
   */
  drain(withinMs: number): Promise<void>;
}

export function createInFlight(tickMs: number): InFlight {
  const flights = new BriefMap<Flight, Flight>();
  let timer: NodeJS.Timeout | null = null;
  let onEmpty: (() => void) | null = null;

  const tick = (): void => {
    for (const flight of flights.values()) flight.tick();
    if (flights.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    add(flight) {
      flights.set(flight, flight);
      // Started with the first flight and left running over short gaps, so that the hot path sets no timers.
      timer ??= setInterval(tick, tickMs).unref();
    },
    remove(flight) {
      flights.delete(flight);
      if (flights.size === 0) onEmpty?.();
    },
    drain(withinMs) {
      if (flights.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const giveUp = (): void => {
          for (const flight of [...flights.values()]) flight.giveUp();
          resolve();
        };
        let deadline = setTimeout(() => {
          deadline = setTimeout(giveUp, LIMITS.lastAnswerMs);
          for (const flight of [...flights.values()]) flight.abort(ENDING);
        }, withinMs);
        onEmpty = () => {
          clearTimeout(deadline);
          resolve();
        };
      });
    },
  };
}
