import { relative } from 'node:path';
import { type CheckedProblem, checkFiles } from '../../main/in-force/check-files.ts';
import { runGoldenFiles } from '../../main/lab/golden.ts';
import type { GoldenResult } from '../../policy/index.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/**
 * `policy test`: every case as a line, what differs below it; exits 3 where one fails or there is none. Cases say something of
 * rules that hold together alone: those of a pack never meet the person's own, and would hold beside ones that nobody can read.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const { problems } = await checkFiles(config, process.env);
  const wrong = problems.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) return noneRun(wrong, flag(args, 'json'));
  const reports = await runGoldenFiles(config, process.env, args.words);
  const results = reports.flatMap(({ results: cases }) => cases);
  const failed = results.filter((one) => !one.ok).length;
  if (flag(args, 'json')) print(reports);
  else {
    for (const { file, results: cases } of reports) {
      for (const one of cases) {
        process.stdout.write(`${one.ok ? 'ok  ' : 'FAIL'} ${relative('.', file)}:${one.line} ${one.title}\n`);
        for (const line of one.differences) process.stdout.write(`       ${line}\n`);
      }
    }
    process.stdout.write(`${results.length - failed} of ${results.length} cases hold\n`);
  }
  return failed === 0 && results.length > 0 ? EXIT.done : EXIT.denied;
}

/** As JSON each problem is a case of its file that does not hold, in the shape that reports have. */
function noneRun(wrong: readonly CheckedProblem[], json: boolean): ExitCode {
  if (json) {
    const files = [...new Set(wrong.map(({ file }) => file))];
    const resultOf = ({ line, message }: CheckedProblem): GoldenResult => ({
      title: 'rules',
      line,
      ok: false,
      differences: [message],
    });
    print(files.map((file) => ({ file, results: wrong.filter((one) => one.file === file).map(resultOf) })));
    return EXIT.denied;
  }
  for (const { text } of wrong) process.stderr.write(`${text}\n`);
  process.stdout.write('No case was run, because the rules do not hold together.\n');
  return EXIT.denied;
}
