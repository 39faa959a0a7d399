import { didYouMean } from '../../base/nearest.ts';
import { rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import type { Arguments } from '../read-arguments.ts';

/** `people sign-out`: ends one session by its id, or every one of a person. Tightens, so the socket is enough. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const [which = ''] = args.words;
  const open = rowsOf(await ask(config, 'GET /v1/sessions'));
  const named = open.filter(({ session }) => session === which);
  const ending = named.length > 0 ? named : open.filter(({ person }) => person === which);
  if (ending.length === 0) {
    const near = didYouMean(which, new Set(open.map(({ person }) => String(person))));
    throw new CommandFailure(
      EXIT.failed,
      `Nobody called "${which}" is signed in, and no session has that id; ${near ?? './lanyard people sessions shows who is.'}`,
    );
  }
  for (const { session = '', person } of ending) {
    await ask(config, 'POST /v1/end-session', { session });
    printLine(`The session ${String(session)} of ${String(person)} is ended.`);
  }
  return EXIT.done;
}
