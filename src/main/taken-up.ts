import { resumeHeld } from '../pipeline/act.ts';
import { recoverMarks } from '../pipeline/action/marks.ts';
import { goOnTask } from '../pipeline/go-on.ts';
import { closeUnfinished } from '../pipeline/recover.ts';
import { takeUpWaiting } from '../pipeline/tasks/held-task-restart.ts';
import { takeUpTasks } from '../pipeline/tasks/task-cell.ts';
import type { House } from './house.ts';
import { recallBudgets } from './past/budgets.ts';
import { followPast, recallPast } from './past/past.ts';

/** What the log and the store know of before, each after what it needs. Answers how calls that wait for people go on. */
export async function takeUpBefore(house: House): Promise<() => void> {
  await closeWhatWasOpen(house);
  await recallBudgets(house.store, house.rooms.budgets, house.clock.now());
  await recallPast(house.store, house.rooms.past, house.standing.inForce, house.clock.now());
  house.checkpoints.listenToEntries((entries) => followPast(house.rooms.past, entries));
  await house.rooms.unreported.start(house.store);
  await house.rooms.approvals.recall(house.store);
  house.rooms.approvals.start();
  const goOnWaiting = await takeUpWaiting(house.rooms, house.store, resumeHeld(house.rooms), (token) =>
    house.tokens.isLive(token),
  );
  await house.rooms.grants.recall(house.store);
  house.rooms.grants.start();
  await house.appeals.recall(house.store);
  house.appeals.start();
  return goOnWaiting;
}

/** What had begun when the process ended before this one is `unknown` from here on, and told; but for tasks that go on. */
async function closeWhatWasOpen(house: House): Promise<void> {
  const tasks = await takeUpTasks(house.rooms, house.store, goOnTask);
  const unfinished = await closeUnfinished(house.store, house.recorder, {
    marksOf: (decided) => [
      ...recoverMarks(house.marks, decided, house.clock.now()),
      ...tasks.lost(decided.action),
    ],
    listing: (unknown) => ({
      kind: 'instance.started',
      set: house.standing.parts.digest,
      policy: house.standing.inForce.policy.digest,
      key: house.signer.verifierKey,
      unknown: [...unknown],
      ...(tasks.actions.size === 0 ? {} : { tasks: [...tasks.actions] }),
    }),
    goingOn: tasks.actions,
  });
  for (const { action, agent, operation, at } of unfinished) {
    house.log(
      `unknown: ${operation} of ${agent} at ${at} (action ${action}) had begun when Lanyard ended; look whether it was done`,
    );
  }
}
