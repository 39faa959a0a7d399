import { checkFiles } from '../../main/in-force/check-files.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `policy check`: the files as they are on disk, against what is pinned; exits 3 where `apply` would refuse them. */
export async function run(args: Arguments): Promise<ExitCode> {
  const { problems, rules } = await checkFiles(configPath(args), process.env);
  const errors = problems.filter((one) => one.severity === 'error');
  if (flag(args, 'json')) print({ rules, problems });
  else {
    for (const one of problems) process.stderr.write(`${one.text}\n`);
    const hold = rules === 1 ? 'rule holds' : 'rules hold';
    const wrong = errors.length === 1 ? 'problem' : 'problems';
    process.stdout.write(errors.length === 0 ? `${rules} ${hold} together\n` : `${errors.length} ${wrong}\n`);
  }
  return errors.length === 0 ? EXIT.done : EXIT.denied;
}
