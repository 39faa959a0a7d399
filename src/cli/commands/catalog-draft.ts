import { draftFromFile, draftFromPins } from '../../main/lab/draft-catalog.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { plain } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `catalog draft`: a catalog to edit on stdout; what got no entry, and what to do next, on stderr. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [upstream = ''] = args.words;
  const from = option(args, 'from');
  const { text, hidden } =
    from === undefined
      ? await draftFromPins(configPath(args), process.env, upstream)
      : draftFromFile(from, upstream);
  process.stdout.write(text);
  const say = (line: string) => process.stderr.write(`lanyard: ${plain(line)}\n`);
  for (const line of hidden) say(`no entry for ${line}`);
  say(
    'This is a draft and in use nowhere. Edit it, put it under `catalog:`, name it at the upstream, apply.',
  );
  return EXIT.done;
}
