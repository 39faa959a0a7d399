import { relative } from 'node:path';
import { runGoldenFiles } from '../../main/lab/golden.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `policy test`: every case as a line, what differs below it; exits 3 where one fails or there is none. */
export async function run(args: Arguments): Promise<ExitCode> {
  const reports = await runGoldenFiles(configPath(args), process.env, args.words);
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
