import type { Operations } from '../control/operations.ts';
import type { Checkpoint } from '../ledger/index.ts';
import { openStepping } from './cases/case-stepping.ts';
import { openDrills } from './drill/schedule.ts';
import type { House } from './house.ts';
import { keepAnswersAt } from './in-force/engine-answers.ts';
import { keepRetention } from './log/retention.ts';
import { verifyInBackground } from './log/verify-in-background.ts';
import { restWhenIdle } from './rest.ts';
import type { Notifying } from './watching/notifying.ts';

/** What it is run over. `answers`: where what the rule engine said is kept. */
interface Beside {
  readonly witnessed: readonly Checkpoint[];
  readonly notifying: Notifying;
  readonly answers: string;
}

/** What an instance does beside its calls once it is ready, in its own time. Answers how all of it ends. */
export async function runBeside(
  house: House,
  { witnessed, notifying, answers: path }: Beside,
  drill: Operations['drill'],
): Promise<() => Promise<void>> {
  const answers = keepAnswersAt(house.signer, path);
  house.standing.watch(answers.look);
  answers.look();
  const background = verifyInBackground(house, witnessed);
  const endStepping = openStepping(house, notifying);
  const endDrills = await openDrills(house, drill);
  const rest = restWhenIdle(() => house.recorder.size);
  const endRetention = keepRetention(house);
  return async () => {
    endRetention();
    background.stop();
    rest.stop();
    endDrills();
    endStepping();
    await answers.end();
  };
}
