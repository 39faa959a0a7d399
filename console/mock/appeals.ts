import type { AppealView } from '../../src/contract/appeal.ts';
import type { World } from './world.ts';

/** What agents put before people, as the mock has it. */
export function appealsOf(world: World): readonly AppealView[] {
  const whole = {
    owner: 'ada',
    state: 'waiting',
    expires: world.at(-6 * 86_400_000),
    people: ['ada', 'grace'],
    options: [],
    repeats: 0,
  } as const;
  return [
    {
      ...whole,
      appeal: '01M0CKAPPEA1000000000000Q1',
      kind: 'question',
      agent: 'triage',
      made: world.at(7 * 60_000),
      says: [{ name: 'question', text: 'Two reports describe the same fault. Which one shall stay open?' }],
      options: ['The older one', 'The one with more detail'],
    },
    {
      ...whole,
      appeal: '01M0CKAPPEA1000000000000P1',
      kind: 'permission',
      agent: 'writer',
      made: world.at(40 * 60_000),
      says: [
        { name: 'operation', text: 'mcp:files/write_file' },
        { name: 'target', text: 'Path /srv/site/docs/install.md' },
        { name: 'need', text: 'The installation page names a version that is gone' },
        { name: 'hours', text: '4' },
        { name: 'worst', text: 'The page says something wrong until somebody reads it' },
      ],
      rule: '@id("asked-01m0ckappea1000000000000p1")\n@need("writer says: The installation page names a version that is gone")\npermit (principal == Agent::"writer", action == Action::"mcp:files/write_file", resource == Path::"/srv/site/docs/install.md")\nwhen { context.system.now < datetime("2026-11-28T16:00:00.000Z") };',
      worst: 'Overwrites a file somebody needs',
      repeats: 1,
    },
  ];
}
