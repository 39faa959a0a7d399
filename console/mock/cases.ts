import type { CaseView } from '../../src/contract/case.ts';
import type { World } from './world.ts';

/** What stops left to look into, as the mock has it. */
export function casesOf(world: World): readonly CaseView[] {
  const at = world.at(3_600_000);
  return [
    {
      case: '01M0CKCASE0000000000000001',
      scope: 'agent:deployer',
      level: 'frozen',
      opened: at,
      closed: null,
      now: 'frozen',
      stops: [
        {
          ...{ seq: 812, at, level: 'frozen', by: 'trip', person: null, rules: ['breaker-breadth'] },
          why: 'More than 30 different things that others see were about to be changed within an hour',
          past: { othersLastHour: 30, targetsHere: 1, usualTargets: 4 },
          action: null,
        },
      ],
      since: { at: world.at(2 * 86_400_000), by: 'look' },
      unknown: [
        {
          action: world.rows.find((row) => row.outcome === 'unknown')?.action ?? '',
          ...{ at, agent: 'deployer', operation: 'mcp:mail/send', resolved: null, holds: true },
          targets: [{ type: 'Mailbox', id: 'everybody-in-the-whole-company-and-some-more@example.org' }],
        },
      ],
      done: [
        {
          target: { type: 'Issue', id: 'example/tracker/issues/4711' },
          agents: ['deployer'],
          times: 12,
          operations: [
            {
              ...{ operation: 'mcp:github/issue_write', times: 12, risk: 'comment' },
              ...{ reversibility: 'externally-reversible', undo: 'issue_write' },
            },
          ],
          action: world.rows[0]?.action ?? '',
          at,
        },
      ],
      reads: 41,
      more: false,
      debrief: null,
    },
  ];
}
