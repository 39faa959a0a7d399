import { once } from 'node:events';
import type { JsonObject } from '../../base/json.ts';
import { objectOf, rowsOf, textsIn } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { reachControl } from '../phone-check.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import { qrText } from '../qr-text.ts';
import { type Arguments, option } from '../read-arguments.ts';

/**
 * `phone [PERSON] [--test PERSON]`: whether a phone gets to `control`, the code that takes it there, and a test question that
 * she answers from it. What is missing is said first, and exits 3. Without a PERSON it goes on to the question in a terminal,
 * where there is one person whom it can be; `--test` asks the question and does nothing else.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const tested = option(args, 'test');
  if (tested !== undefined) return test(config, tested);
  const told = objectOf(await ask(config, 'GET /v1/phone'));
  const place = await placeFor(told);
  if (place === null) return EXIT.denied;
  printLine(`${String(told['publicUrl'])} answers, and is this instance.`);
  printLine('Open this on the phone, sign in, and choose "Tell me on this device":');
  if (process.stdout.isTTY) process.stdout.write(`\n${qrText(place)}\n`);
  printLine(place);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const able = textsIn(told['people']);
  const [person = isTerminal && able.length === 1 ? able[0] : undefined] = args.words;
  if (person === undefined) {
    printLine('Then: ./lanyard phone --test PERSON');
    return EXIT.done;
  }
  if (isTerminal) {
    printLine(
      `When it says that it is told, press Enter here, and ${person} is asked a test question there.`,
    );
    if (!(await enterPressed())) {
      printLine(`Nobody was asked. Then: ./lanyard phone --test ${person}`);
      return EXIT.done;
    }
  }
  return test(config, person);
}

/** Where a phone goes first; null where something is missing, which is said. */
async function placeFor({ publicUrl, control, tls, push, origin }: JsonObject): Promise<string | null> {
  const missing = [
    ...(control === null
      ? ['Nobody can sign in: set `control` (control: 127.0.0.1:7702), apply, and start again.']
      : []),
    ...(publicUrl === null
      ? [
          'A phone needs a name and https: set `publicUrl` (docs/operating/phone.md shows how with a private network), apply, and start again.',
        ]
      : []),
    ...(publicUrl !== null && tls === null
      ? [
          'Nothing here speaks https: set `tls` with a certificate of your own, or `behindProxy: true` where a proxy or `tailscale serve` does.',
        ]
      : []),
  ];
  const reached =
    typeof publicUrl === 'string' && missing.length === 0
      ? await reachControl(publicUrl, String(origin))
      : null;
  if (reached !== null) missing.push(reached);
  for (const line of missing) printLine(line);
  if (push !== true)
    printLine(
      'Phones are not told yet: set `notify: { push: { contact: "mailto:you@example.org" } }` and apply.',
    );
  if (missing.length > 0 || typeof publicUrl !== 'string') return null;
  return `${publicUrl.replace(/\/+$/, '')}/phone`;
}

/** False where the terminal ends instead (Ctrl-D, or its window is closed). */
async function enterPressed(): Promise<boolean> {
  process.stdin.resume();
  const isPressed = await Promise.race([
    once(process.stdin, 'data').then(() => true),
    once(process.stdin, 'end').then(() => false),
  ]);
  process.stdin.pause();
  return isPressed;
}

/** Sends her a test question, waits for the answer, and says by what it went. A channel that failed exits 1. */
async function test(config: string, person: string): Promise<ExitCode> {
  const { sent, approval } = objectOf(await ask(config, 'POST /v1/test-approval', { person }));
  const rows = rowsOf(sent);
  for (const { channel, code } of rows)
    printLine(
      code === undefined
        ? `sent by ${String(channel)}`
        : `not delivered by ${String(channel)}: ${String(code)}`,
    );
  printLine(
    `${person} answered the test question with a passkey. Nothing was done; the log has it (approval.tested, ${String(approval)}).`,
  );
  return rows.some(({ code }) => code !== undefined) ? EXIT.failed : EXIT.done;
}
