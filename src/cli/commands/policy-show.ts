import { openFiles } from '../../main/lab/offline.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `policy show`: the rules in force, from the state of a running instance; without one nothing is (exit 4). */
export async function run(args: Arguments): Promise<ExitCode> {
  await ask(configPath(args), 'GET /v1/status');
  const files = await openFiles(configPath(args), process.env);
  try {
    const { policy } = files.inForce;
    if (flag(args, 'json')) print({ policy: policy.digest, rules: policy.rules });
    else {
      process.stdout.write(`${policy.digest}\n`);
      table(
        ['rule', 'effect', 'where', 'review', 'reason'],
        policy.rules.map((rule) => [
          rule.id,
          rule.effect,
          `${rule.file}:${rule.line}`,
          rule.annotations.review ?? '',
          rule.annotations.reason ?? '',
        ]),
      );
    }
    return EXIT.done;
  } finally {
    await files.close();
  }
}
