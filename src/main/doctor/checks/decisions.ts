import { SURFACES } from '../agent.ts';
import type { Check, Sight } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass, mustPass } from '../tries.ts';

/** One call over every surface to both servers. */
async function everywhere(
  scene: LaboratoryScene,
  one: (place: Pick<Parameters<typeof mustPass>[1], 'agent' | 'surface' | 'server'>) => Promise<Sight>,
): Promise<Sight[]> {
  const sights: Sight[] = [];
  for (const server of [scene.web, scene.pipe])
    for (const surface of SURFACES) sights.push(await one({ agent: scene.canary, surface, server }));
  return sights;
}

export const allowed: Check<LaboratoryScene> = {
  id: 'allowed',
  control: 'An allowed call passes, once',
  run: (scene) =>
    everywhere(scene, (place) =>
      mustPass('called what a rule permits', { ...place, tool: 'write', args: { text: 'fine' } }),
    ),
};

export const forbidden: Check<LaboratoryScene> = {
  id: 'forbidden',
  control: 'A call that a rule forbids does not reach the server',
  run: (scene) =>
    everywhere(scene, (place) =>
      mustNotPass('called what a rule forbids', { ...place, tool: 'write', args: { text: 'forbidden' } }, [
        'FORBIDDEN',
      ]),
    ),
};

export const noPermit: Check<LaboratoryScene> = {
  id: 'no-permit',
  control: 'What no rule permits is denied',
  run: (scene) =>
    everywhere(scene, (place) =>
      mustNotPass('called what no rule permits', { ...place, tool: 'merge', args: { text: 'x' } }, [
        'NO_PERMIT',
      ]),
    ),
};

export const review: Check<LaboratoryScene> = {
  id: 'review',
  control: 'What needs a person waits for one',
  run: (scene) =>
    everywhere(scene, (place) =>
      mustNotPass('called what needs the owner', { ...place, tool: 'write', args: { text: 'held' } }, [
        'APPROVAL_UNAVAILABLE',
        'APPROVAL_PENDING',
      ]),
    ),
};

export const ruleError: Check<LaboratoryScene> = {
  id: 'rule-error',
  control: 'A rule that cannot be evaluated denies',
  run: (scene) =>
    everywhere(scene, (place) =>
      mustNotPass(
        'called with a number on which a rule overflows',
        { ...place, tool: 'write', args: { text: 'fine', count: 7 } },
        ['RULE_ERROR'],
      ),
    ),
};
