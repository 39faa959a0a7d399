import { problem } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import { answerRefusal } from '../../doors/check/answers.ts';
import { createLineReader } from '../../doors/mcp/agent-side/lines.ts';
import { decideOffline } from '../../main/lab/offline.ts';
import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning, socketOf } from '../instance.ts';
import { configPath } from '../place.ts';
import { forReader } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/**
 * `decide`: by the running instance, or on the files of one that does not run. Exits 3 if any is denied, and 1 where whoever read
 * the answers went before the last of them.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const record = flag(args, 'record');
  const desk = await openDesk(config, record);
  let denied = false;
  let unheard = false;
  try {
    for await (const lines of linesOf(process.stdin)) {
      const answers = await answerLines(desk, lines);
      if (answers.some((answer) => answer['decision'] !== true)) denied = true;
      const text = answers.map((answer) => `${forReader(JSON.stringify(answer))}\n`).join('');
      if (process.stdout.write(text) || (await drains(process.stdout))) continue;
      unheard = true;
      break;
    }
  } finally {
    await desk.close();
  }
  if (denied) return EXIT.denied;
  return unheard ? EXIT.failed : EXIT.done;
}

/** False where whoever read it has gone: what is asked after that is decided for nobody. */
function drains(output: NodeJS.WriteStream): Promise<boolean> {
  if (output.errored !== null) return Promise.resolve(false);
  return new Promise((resolve) => {
    output.once('drain', () => resolve(true));
    output.once('error', () => resolve(false));
  });
}

type Line = ReturnType<typeof parseJson>;

/** Whatever has come by now, read strictly, a few lines at a time: a person who types one is answered at once. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const lines: Line[] = [];
  const limit = LIMITS.requestBytes;
  const read = createLineReader(
    limit,
    (line) => {
      if (!isBlank(line)) lines.push(parseJson(line));
    },
    () => lines.push(err(problem('BODY_TOO_LARGE', { limit }))),
  );
  for await (const chunk of input) {
    read(chunk);
    while (lines.length > 0) yield lines.splice(0, LIMITS.decideBatch);
  }
  // The last line may have no end.
  read(Buffer.from('\n'));
  if (lines.length > 0) yield lines;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

/** One answer for each line, in order. */
async function answerLines(desk: Desk, lines: readonly Line[]): Promise<readonly JsonObject[]> {
  const decided = await desk.decide(lines.flatMap((line) => (line.ok ? [line.value] : [])));
  let next = 0;
  return lines.map((line) => (line.ok ? (decided[next++] ?? NO_ANSWER) : answerRefusal(line.error)));
}

/** An instance that answers fewer than it was asked decides nothing. */
const NO_ANSWER = answerRefusal(problem('INTERNAL'));

interface Desk {
  decide(requests: readonly Json[]): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}

async function openDesk(config: string, record: boolean): Promise<Desk> {
  if (socketOf(config) !== null) {
    try {
      await ask(config, 'GET /v1/status');
      return {
        decide: async (requests) =>
          requests.length === 0 ? [] : rowsOf(await ask(config, 'POST /v1/decide', { requests, record })),
        close: async () => undefined,
      };
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
  }
  if (record) throw new NotRunning();
  return decideOffline(config, process.env);
}
