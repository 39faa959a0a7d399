import { writeFileSync } from 'node:fs';

/** How many tests of one file passed, failed and were skipped: `{ passed, failed, skipped }`. */
function countOf(module) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const tests = [...module.children.allTests()];
  // A file that cannot be loaded, or whose hooks fail, is one failure even where it names no test.
  if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) count.failed++;
  for (const test of tests) {
    const state = test.result().state;
    if (state in count) count[state]++;
  }
  return count;
}

/**
 * A Vitest reporter that ends the run with one plain line that any script can read: `N passed, N failed, N skipped`.
 * Where `LANYARD_TEST_COUNTS` names a file, it gets the same by test file, as `[[path, count], …]`, and test.mjs
 * writes the line.
 */
export default class ClosingLine {
  onTestRunEnd(modules) {
    const counts = modules.map((module) => [module.moduleId, countOf(module)]);
    const file = process.env.LANYARD_TEST_COUNTS;
    if (file === undefined) console.log(closingLine(counts));
    else writeFileSync(file, JSON.stringify(counts));
  }
}

export function closingLine(counts) {
  const sum = (state) => counts.reduce((total, [, count]) => total + count[state], 0);
  return `\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`;
}
