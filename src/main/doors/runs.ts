import { dirname } from 'node:path';
import { durationMs } from '../../base/duration.ts';
import { ownSocketDirectory, ownTemporary, whyNotOwn } from '../../control/socket.ts';
import {
  createRunDesk,
  openRunDoor,
  type RunDesk,
  type RunDoorOptions,
  type RunTermsGiven,
} from '../../doors/run/index.ts';
import type { Agent } from '../../model/agent.ts';
import { Runs } from '../../pipeline/credentials/runs.ts';
import { splitAddress } from '../address.ts';
import { realOrPlanned } from '../files.ts';
import type { House } from '../house.ts';
import { INSTALLATION, OWN_CODE } from '../installation.ts';

const DEFAULT_TIME = '12h';
const DEFAULT_PORT = 7700;

/** Programs under `./lanyard run`: each with a token and a door of its own. */
export function openRuns(
  house: House,
  doors: Pick<RunDoorOptions, 'listener' | 'upgrade' | 'wayOut' | 'refused'>,
): RunDesk {
  const runs = new Runs(house.rooms, house.tokens, (then) => house.standing.watch(then));
  return createRunDesk({
    runs,
    // Only where the program has a network of its own its door is a socket.
    whyNoDoor: (isolated) => (isolated ? whyNotOwn() : null),
    openDoor: ({ id, agent, token, parent }, isolated) =>
      openRunDoor({
        run: id,
        agent: agent.id,
        token,
        parent,
        isolated,
        socketDirectory: ownSocketDirectory,
        ...doors,
      }),
    termsOf: (agent) => termsOf(house, agent),
    timeOf: ({ run }) => durationMs(run?.time ?? DEFAULT_TIME),
    log: (line) => house.log(line),
  });
}

function termsOf(house: House, { run }: Agent): RunTermsGiven {
  const { set, protectedPaths } = house.resolved();
  // Whoever reaches another run's door is taken for that run.
  const own = [...protectedPaths, realOrPlanned(ownTemporary())];
  const isCode = (path: string) => OWN_CODE.some((own) => path === own || path.startsWith(`${own}/`));
  return {
    env: [...(run?.env ?? [])],
    writable: [...(run?.writable ?? [])],
    time: run?.time ?? DEFAULT_TIME,
    ...(run?.cpu === undefined ? {} : { cpu: run.cpu }),
    ...(run?.memory === undefined ? {} : { memory: run.memory }),
    ...(run?.processes === undefined ? {} : { processes: run.processes }),
    own,
    // The code is to be read, by the runtime within; everything else of ours is not there.
    hidden: own.filter((path) => !isCode(path)),
    shown: [INSTALLATION, dirname(process.execPath)],
    // Within, the door has the port that files of the agent name already.
    port: splitAddress(set.configuration.listen).port || DEFAULT_PORT,
  };
}
