import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** Half a minute and more each, the longest first: whatever begins last is to be short, so that no worker idles at the end. */
const SLOW = [
  'tests/faults/killed.test.ts',
  'tests/journeys/operator-in-force.test.ts',
  'tests/journeys/operator-start.test.ts',
  'tests/oracle/worlds.test.ts',
  'tests/oracle/engine.test.ts',
  'tests/journeys/operator-tampered.test.ts',
  'tests/console/approval-life.test.ts',
  'tests/attacks/attacks.test.ts',
  'tests/journeys/clients.test.ts',
  'tests/conformance/conformance.test.ts',
  'tests/journeys/evidence-witness.test.ts',
  'tests/journeys/doctor.test.ts',
  'tests/journeys/run.test.ts',
  'tests/faults/kill-loop.test.ts',
  'tests/journeys/demo.test.ts',
  'tests/events/subscriptions.test.ts',
  'tests/journeys/asks-current.test.ts',
  'tests/console/pages.test.ts',
  'src/main/suggest.test.ts',
  'tests/journeys/operator-acts.test.ts',
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
