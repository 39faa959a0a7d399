import { once } from 'node:events';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { hear, tell } from '../../doors/run/lines.ts';
import { findMeans, heldBy, type Means, weakLimits, weaknesses } from '../../doors/run/means.ts';
import { CommandFailure, EXIT } from '../exit-code.ts';
import { noteLetWrite } from '../let-write.ts';
import { configPath } from '../place.ts';
import { plain } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { connectRun } from '../run/connection.ts';
import { type Program, startProgram } from '../run/program.ts';
import { readTerms } from '../run/terms.ts';

const say = (line: string) => process.stderr.write(`lanyard run: ${plain(line)}\n`);

/** `run --agent A -- CMD…`: a program for an agent, held by the instance and by this process both. */
export async function run(args: Arguments): Promise<number> {
  const agent = option(args, 'agent');
  const token = process.env['LANYARD_TOKEN'];
  if (agent === undefined || agent === '')
    throw new CommandFailure(EXIT.usage, 'Say for which agent: --agent ID.');
  if (args.words[0] === '')
    throw new CommandFailure(
      EXIT.usage,
      'The program to run has no name: the first word behind -- is empty.',
    );
  if (token === undefined || token === '')
    throw new CommandFailure(
      EXIT.usage,
      "LANYARD_TOKEN must hold the agent's token. Make one with ./lanyard agent token ID.",
    );
  const means = findMeans({ cgroup: !flag(args, 'no-cgroup'), namespaces: !flag(args, 'no-namespaces') });
  const socket = await connectRun(configPath(args));
  return new Run(socket, { agent, token, command: args.words, means, terminal: flag(args, 'terminal') })
    .ended;
}

interface Wanted {
  readonly agent: string;
  readonly token: string;
  readonly command: readonly string[];
  readonly means: Means;
  readonly terminal: boolean;
}

class Run {
  /** The exit code of the program, or why there is none. */
  readonly ended: Promise<number>;
  readonly #socket: Duplex;
  readonly #wanted: Wanted;
  #end: (code: number) => void = () => undefined;
  #fail: (failure: unknown) => void = () => undefined;
  #program: Program | null = null;
  /** The end of what it printed and the instance was not told yet. */
  #unsaid = '';
  #code: number | null = null;

  constructor(socket: Duplex, wanted: Wanted) {
    this.#socket = socket;
    this.#wanted = wanted;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    hear(socket, (message) => {
      try {
        this.#take(message);
      } catch (failure) {
        this.#program?.tree.kill();
        this.#fail(failure);
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#lost());
    const { agent, token, command, means } = wanted;
    const begin = { agent, token, command: [...command], directory: process.cwd(), held: heldBy(means) };
    tell(socket, { begin: { ...begin, isolated: means.namespaces } });
  }

  #take(message: JsonObject): void {
    const { begun, refused, go, cut, resume, closed } = message;
    if (isJsonObject(begun)) this.#start(begun);
    else if (isJsonObject(refused)) throw new CommandFailure(EXIT.denied, String(refused['sentence']));
    else if (go === true) this.#program?.go();
    else if (cut === 'frozen') this.#program?.tree.freeze();
    else if (cut === 'killed') this.#program?.tree.kill();
    else if (resume === true) this.#program?.tree.thaw();
    else if (typeof closed === 'string') {
      if (closed !== 'exit') say(`it was ended: ${closed}`);
      this.#finish(this.#code ?? EXIT.failed);
    }
  }

  #start(begun: JsonObject): void {
    const { means, command, terminal } = this.#wanted;
    const run = String(begun['run']);
    const terms = readTerms(isJsonObject(begun['terms']) ? begun['terms'] : {});
    const place = isJsonObject(begun['door']) ? begun['door'] : {};
    say(
      `run ${run} of ${this.#wanted.agent}, held by ${heldBy(means).join(', ')}; for ${terms.time} at most`,
    );
    for (const weakness of [...weaknesses(means), ...weakLimits(means, terms)]) say(`weaker: ${weakness}`);
    // Without a sandbox it writes where its user may: a mark of where it works would say too little, and her own file may lie there.
    const isHeld = means.namespaces || means.seatbelt;
    const unkept = isHeld ? noteLetWrite([process.cwd(), ...terms.writable], systemClock.now()) : null;
    if (unkept !== null)
      say(
        `weaker: a lanyard.yaml that it leaves here will be taken for yours unless you name one (${unkept})`,
      );
    if (terminal) say('weaker: what it prints goes to the terminal alone and is not kept');
    const program = startProgram({
      run,
      token: String(begun['token']),
      terms,
      means,
      command,
      terminal,
      place: {
        ...(typeof place['socket'] === 'string' ? { socket: place['socket'] } : {}),
        ...(typeof place['port'] === 'number' ? { port: place['port'] } : {}),
      },
    });
    this.#program = program;
    this.#forward(program);
    const { pid, cgroup } = program;
    tell(this.#socket, { spawned: { pid, ...(cgroup === null ? {} : { cgroup: cgroup.path }) } });
    program.child.once('exit', (code, signal) => void this.#exited(program, code, signal));
  }

  /** What it prints goes on and is kept; what is sent to us goes to its whole group. */
  #forward({ child, pid }: Program): void {
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      const decoder = new StringDecoder('utf8');
      from?.on('data', (chunk: Buffer) => {
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
        this.#unsaid = (this.#unsaid + decoder.write(chunk)).slice(-LIMITS.runOutputBytes);
        if (this.#socket.writableLength < LIMITS.runLineBytes) this.#sayOutput();
      });
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGWINCH'] as const) {
      process.on(name, () => {
        try {
          process.kill(-pid, name);
        } catch {
          // It has just ended.
        }
      });
    }
  }

  /** In pieces whose lines are short enough whatever is in them: JSON writes a control character in six. */
  #sayOutput(): void {
    const piece = Math.floor(LIMITS.runLineBytes / 8);
    for (let from = 0; from < this.#unsaid.length; from += piece)
      tell(this.#socket, { output: this.#unsaid.slice(from, from + piece) });
    this.#unsaid = '';
  }

  async #exited({ child }: Program, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#code = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    // Its last words; a daemon that holds the pipe open is not waited for.
    await Promise.race([once(child, 'close'), wait(OUTPUT_MS)]);
    this.#sayOutput();
    tell(this.#socket, { ended: { code, signal } });
  }

  /** Without the instance nothing decides and nothing can be stopped: the program ends. */
  #lost(): void {
    const program = this.#program;
    program?.tree.kill();
    const ended = program === null ? Promise.resolve() : program.tree.ended();
    void ended.then(() =>
      this.#fail(new CommandFailure(EXIT.unreachable, 'The instance is gone, so the program was ended.')),
    );
  }

  #finish(code: number): void {
    this.#program?.tree.kill();
    this.#end(code);
    this.#socket.destroy();
  }
}

const OUTPUT_MS = 250;
