import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** Twenty seconds and more each, the longest first: whatever begins last is to be short, so that no worker idles at the end. */
const SLOW = [
  'tests/journeys/operator/start.test.ts',
  'tests/faults/killed.test.ts',
  'tests/journeys/operator/in-force.test.ts',
  'tests/journeys/run/run.test.ts',
  'tests/journeys/clients/sdk.test.ts',
  'tests/oracle/worlds.test.ts',
  'tests/attacks/attacks.test.ts',
  'tests/journeys/evidence/doctor.test.ts',
  'tests/conformance/conformance.test.ts',
  'tests/faults/kill-loop.test.ts',
  'tests/console/pages.test.ts',
  'tests/oracle/engine.test.ts',
  'tests/console/approval-life.test.ts',
  'tests/journeys/operator/demo.test.ts',
  'tests/journeys/operator/acts.test.ts',
  'tests/journeys/evidence/witness.test.ts',
  'tests/journeys/operator/tampered.test.ts',
  'tests/console/instance.test.ts',
  'src/main/lab/suggest.test.ts',
  'tests/journeys/approvals/restart.test.ts',
  'tests/events/subscriptions.test.ts',
  'tests/sabotage/sabotage.test.ts',
  'tests/journeys/asks/current.test.ts',
  'tests/journeys/asks/older.test.ts',
  'tests/journeys/stop/channel.test.ts',
  'tests/journeys/stop/outside.test.ts',
  'tests/events/lists.test.ts',
  'tests/console/many-questions.test.ts',
  'src/doors/mcp/upstream-side/stdio.test.ts',
  'tests/journeys/clients/marks.test.ts',
  'tests/journeys/clients/secrets.test.ts',
  'tests/journeys/evidence/auditor.test.ts',
  'tests/journeys/stop/drill.test.ts',
];

/** Vitest's order, the slow files before all others: without a memory of an earlier run it goes by length of text. */
export default class SlowFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    const rank = ({ moduleId, project }) => {
      const at = SLOW.indexOf(relative(project.config.root, moduleId));
      return at < 0 ? SLOW.length : at;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
