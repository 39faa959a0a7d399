import { createInterface } from 'node:readline';
import type { Json, JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-text.ts';
import { decideOffline } from '../../main/offline.ts';
import { objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning, socketOf } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `decide`: by the running instance, or on the files of one that does not run. Exits 3 if any is denied. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const record = flag(args, 'record');
  const desk = await openDesk(config, record);
  let denied = false;
  try {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const request = parseJson(Buffer.from(line, 'utf8'));
      const decision = request.ok
        ? await desk.decide(request.value)
        : {
            decision: false,
            context: { code: request.error.code, rules: [], reason: request.error.sentence },
          };
      if (decision['decision'] !== true) denied = true;
      process.stdout.write(`${JSON.stringify(decision)}\n`);
    }
  } finally {
    await desk.close();
  }
  return denied ? EXIT.denied : EXIT.done;
}

interface Desk {
  decide(request: Json): Promise<JsonObject>;
  close(): Promise<void>;
}

async function openDesk(config: string, record: boolean): Promise<Desk> {
  if (socketOf(config) !== null) {
    try {
      await ask(config, 'GET /v1/status');
      return {
        decide: async (request) => objectOf(await ask(config, 'POST /v1/decide', { request, record })),
        close: async () => undefined,
      };
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
  }
  if (record) throw new NotRunning();
  return decideOffline(config, process.env);
}
