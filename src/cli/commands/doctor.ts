import type { Checked } from '../../main/doctor/check.ts';
import { Interrupted, runDoctor } from '../../main/doctor/doctor.ts';
import { doctorText, markOf } from '../doctor-text.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { plain, print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `doctor`: progress on stderr, the report on stdout; exits 3 where a control did not fire. */
export async function run(args: Arguments): Promise<ExitCode> {
  const json = flag(args, 'json');
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
  const progress = new Progress();
  try {
    const report = await runDoctor({
      configPath: configPath(args),
      environment: process.env,
      say: (line) => progress.say(line),
      onChecked: (_part, checked) => progress.note(checked),
      stopped: stopped.signal,
    });
    progress.clear();
    if (json) print(report);
    else for (const line of doctorText(report, flag(args, 'verbose'))) printLine(line);
    return report.ok ? EXIT.done : EXIT.denied;
  } catch (error) {
    progress.clear();
    if (error instanceof Interrupted) throw new CommandFailure(EXIT.failed, error.message);
    throw error;
  }
}

/** Where it stands, on stderr: one line that is written over at a terminal; elsewhere only what went wrong. */
class Progress {
  readonly #terminal = process.stderr.isTTY === true;
  #done = 0;

  say(line: string): void {
    if (this.#terminal) process.stderr.write(`\r\u001b[Kdoctor: ${plain(line)}`);
    else process.stderr.write(`doctor: ${plain(line)}\n`);
  }

  note(checked: Checked): void {
    this.#done++;
    const failed = markOf(checked) === 'FAIL';
    if (this.#terminal) this.say(`${this.#done} controls tried; ${checked.control}`);
    if (!failed) return;
    this.clear();
    process.stderr.write(`doctor: FAIL ${plain(checked.control)}\n`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\u001b[K');
  }
}
