import { readFileSync } from 'node:fs';
import { fileFault } from '../../base/file-fault.ts';
import { readReport } from '../../main/drill/report.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** `drill check FILE --key FILE`: exits 3 where the report was not signed with that key, or the stop did not hold. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [path = ''] = args.words;
  const keyFile = option(args, 'key');
  if (keyFile === undefined)
    throw new CommandFailure(EXIT.usage, 'Say whose signature counts: --key FILE, a verifier-key line.');
  const read = readReport(path, keyIn(keyFile));
  if (!read.ok) {
    printLine(`${path} does not count: ${read.error}.`);
    return EXIT.denied;
  }
  const { agent, level, at, held, ms, digest } = read.value;
  if (flag(args, 'json')) print(read.value);
  else {
    printLine(`Signed, and not changed since (${String(digest)}; the log's entry drill.done names it).`);
    printLine(
      `${String(at)}: ${String(agent)}, ${String(level)}: the stop ${held === true ? `held everywhere, last effect after ${String(ms)} ms` : 'did NOT hold everywhere'}.`,
    );
  }
  return held === true ? EXIT.done : EXIT.denied;
}

function keyIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailure(EXIT.failed, `The key ${file} cannot be read: ${fileFault(error, 'read')}.`);
  }
}
