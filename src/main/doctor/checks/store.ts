import { cpSync } from 'node:fs';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Check, Sight } from '../check.ts';
import { arrivalsDuring } from '../laboratory.ts';
import { logEntriesOf } from '../log-entries.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass, mustPass } from '../tries.ts';

/** An instance of which the files cannot grow any more, and how that was done. */
export interface FullDisk extends Pick<LaboratoryScene, 'sibling' | 'web' | 'canary' | 'witness'> {
  readonly how: string;
  /** Whether its log can be looked at from here; a file system of its own is its own. */
  readonly visible: boolean;
}

export interface FullScene {
  readonly disks: readonly FullDisk[];
  /** Where the directory of the first is kept as a crash left it. */
  readonly older: string;
  /** Kinds of full disk that could not be had here, and why. */
  readonly missing: readonly Sight[];
}

/** More than the files of that instance may grow by; less than a request may have. */
const TOO_MUCH: JsonObject = { text: 'x'.repeat(1_900_000), more: { x: 'x'.repeat(1_900_000) } };

export const fullDisk: Check<FullScene> = {
  id: 'full-disk',
  control: 'A full disk denies: what cannot be recorded does not run',
  async run({ disks, missing }) {
    const sights: Sight[] = [];
    for (const disk of disks) sights.push(...(await fill(disk)));
    return [...sights, ...missing];
  },
};

async function fill({ sibling, web, canary, how, visible }: FullDisk): Promise<Sight[]> {
  const base = { agent: canary, surface: 'HTTP, 2026-07-28', server: web, tool: 'write' } as const;
  const little = { ...base, args: { text: 'fine' } };
  const room = await mustPass('called while there was room', little, how);
  const did = 'called with more than there was room for';
  const full = await mustNotPass(did, { ...base, args: TOO_MUCH }, ['STORE_UNAVAILABLE'], how);
  const again = await mustPass('called with little again', little, how);
  if (!visible) return [room, full, again];
  const told = (await logEntriesOf(sibling)).some((text) => text.includes('"kind":"instance.gap"'));
  const gap = {
    surface: how,
    did: 'looked for the denial that could not be recorded',
    saw: told ? 'the log tells of it (instance.gap)' : 'the log does not tell of it',
    fired: told,
  };
  return [room, full, again, gap];
}

/** Kills the instance while the server has the call, and starts it again. */
export const crash: Check<FullScene> = {
  id: 'crash',
  control: 'After a crash nothing is done twice, and what is not known is said',
  async run({ disks: [disk], older }) {
    if (disk === undefined) throw new Error('there is no instance to kill');
    const { sibling, web, canary } = disk;
    const reached = Promise.withResolvers<void>();
    const before = web.answer;
    web.answer = () => {
      reached.resolve();
      return new Promise(() => undefined);
    };
    const { arrived } = await arrivalsDuring(web, async () => {
      const call = canary.call('HTTP, 2026-07-28', 'web', 'write', { text: 'fine' }).catch(() => undefined);
      const late = setTimeout(() => reached.resolve(), LIMITS.doctorCallMs);
      await reached.promise;
      clearTimeout(late);
      await sibling.end('SIGKILL');
      await call;
      web.answer = before;
      cpSync(sibling.directory, older, { recursive: true, filter: (path) => !path.endsWith('.sock') });
      await sibling.start();
    });
    const entries = await logEntriesOf(sibling);
    const unknown = entries.filter((text) => text.includes('"outcome":"unknown"')).length;
    const sights: Sight[] = [
      {
        surface: 'web',
        did: 'killed the instance (SIGKILL) while the server had a call, and started it again',
        saw:
          arrived.length === 1
            ? 'the call reached the server once'
            : `it reached the server ${arrived.length} times`,
        fired: arrived.length === 1,
      },
      {
        surface: 'the log',
        did: 'looked how that call ended',
        saw: unknown === 1 ? 'recorded as unknown' : `${unknown} entries say unknown`,
        fired: unknown === 1 && (await sibling.says('unknown:')),
      },
    ];
    return sights;
  },
};
