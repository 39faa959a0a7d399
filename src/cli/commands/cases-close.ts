import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `cases close`: the debrief. Once somebody has enrolled a passkey, a person signs it. Releases nothing. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [happened = '', changes = ''] = [option(args, 'happened'), option(args, 'changes')];
  if (happened.trim() === '' || changes.trim() === '')
    throw new CommandFailure(
      EXIT.usage,
      'A case is closed with a debrief: --happened "what happened" --changes "what changes".',
    );
  const [id = ''] = args.words;
  await ask(configPath(args), 'POST /v1/close-case', { case: id, happened, changes });
  printLine(`The case ${id} is closed. That released nothing: ./lanyard release does.`);
  return EXIT.done;
}
