import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Agent } from '../../model/agent.ts';
import type { BegunRun, Runs } from '../../pipeline/runs.ts';
import { Cgroup } from './cgroup.ts';
import { hear, tell } from './lines.ts';
import { ProcessTree } from './process-tree.ts';
import type { RunDoor } from './run-door.ts';

/** What `./lanyard run` asks the operator socket to switch to. */
export const RUN_PROTOCOL = 'lanyard-run';

/** What a run is granted, besides its token and its door. */
export type RunTermsGiven = JsonObject;

export interface RunDeskOptions {
  readonly runs: Runs;
  openDoor(run: BegunRun, isolated: boolean): Promise<RunDoor>;
  termsOf(agent: Agent): RunTermsGiven;
  /** Milliseconds that one run of this agent may take. */
  timeOf(agent: Agent): number;
  log(line: string): void;
}

/**
 * The instance's side of every run. It holds the processes itself, so that a stop needs nobody's help; the command holds
 * them too, and ends them when the instance is gone. Whichever of the two is lost, the other ends the run.
 */
export interface RunDesk {
  /** Takes over the connection of one `./lanyard run`. */
  take(req: IncomingMessage, socket: Duplex): void;
  /** Ends every run. */
  drain(): Promise<void>;
}

export function createRunDesk(options: RunDeskOptions): RunDesk {
  const running = new Set<Supervision>();
  let isDraining = false;
  return {
    take(req, socket) {
      socket.on('error', () => socket.destroy());
      if (isDraining || req.headers.upgrade !== RUN_PROTOCOL) {
        socket.destroy();
        return;
      }
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${RUN_PROTOCOL}\r\nConnection: Upgrade\r\n\r\n`,
      );
      const supervision = new Supervision(options, socket);
      running.add(supervision);
      void supervision.over.then(() => running.delete(supervision));
    },
    async drain() {
      isDraining = true;
      await Promise.all([...running].map((one) => one.end('the instance stops')));
    },
  };
}

class Supervision {
  readonly #options: RunDeskOptions;
  readonly #socket: Duplex;
  readonly over: Promise<void>;
  #done: () => void = () => undefined;
  #run: BegunRun | null = null;
  #door: RunDoor | null = null;
  #tree: ProcessTree | null = null;
  #output = '';
  #why = 'exit';
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: RunDeskOptions, socket: Duplex) {
    this.#options = options;
    this.#socket = socket;
    this.over = new Promise((resolve) => {
      this.#done = resolve;
    });
    hear(socket, (message) => {
      this.#take(message).catch((error: unknown) => {
        options.log(`a run met a fault: ${error instanceof Error ? error.stack : String(error)}`);
        socket.destroy();
      });
    });
    // Whoever started the program is gone: nobody would hear of its end.
    socket.on('close', () => void this.end('its command was lost'));
  }

  async end(why: string): Promise<void> {
    if (this.#why === 'exit') this.#why = why;
    this.#tree?.kill();
    await this.#tree?.ended();
    await this.#close(null, 'SIGKILL');
    this.#socket.destroy();
  }

  async #take(message: JsonObject): Promise<void> {
    const { begin, spawned, output, ended } = message;
    if (isJsonObject(begin) && this.#run === null) await this.#begin(begin);
    else if (isJsonObject(spawned) && this.#tree === null) this.#hold(spawned);
    else if (typeof output === 'string') this.#output = (this.#output + output).slice(-LIMITS.runOutputBytes);
    else if (isJsonObject(ended)) {
      // What the program left behind ends with it.
      this.#tree?.kill();
      await this.#tree?.ended();
      const { code, signal } = ended;
      await this.#close(typeof code === 'number' ? code : null, typeof signal === 'string' ? signal : null);
      tell(this.#socket, { closed: this.#why });
    }
  }

  async #begin(begin: JsonObject): Promise<void> {
    const { agent, token, command, directory, held, isolated } = begin;
    const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
    const begun = await this.#options.runs.begin({
      agent: String(agent),
      token: String(token),
      command: texts(command),
      directory: String(directory),
      held: texts(held),
    });
    if (!begun.ok) return this.#refuse(begun.error);
    this.#run = begun.value;
    this.#door = await this.#options.openDoor(begun.value, isolated === true);
    if (this.#socket.destroyed) return this.#close(null, null);
    tell(this.#socket, {
      begun: {
        run: begun.value.id,
        token: begun.value.token,
        door: this.#door.place,
        terms: this.#options.termsOf(begun.value.agent),
      },
    });
  }

  /** From here on a stop takes hold of the processes, in its own tick; then the program may begin. */
  #hold({ pid, cgroup }: JsonObject): void {
    const run = this.#run;
    if (run === null || typeof pid !== 'number' || pid < 2) {
      this.#refuse(problem('INTERNAL'));
      return;
    }
    const group = typeof cgroup === 'string' ? Cgroup.at(cgroup, run.id) : null;
    const tree = new ProcessTree({ run: run.id, pid, cgroup: group });
    this.#tree = tree;
    const refusal = run.hold({
      cut: (level) => {
        tell(this.#socket, { cut: level });
        if (level === 'frozen') {
          tree.freeze();
          return tree.frozen();
        }
        this.#why = 'killed';
        tree.kill();
        return tree.ended();
      },
      resume: () => {
        tree.thaw();
        tell(this.#socket, { resume: true });
      },
    });
    if (refusal !== null) {
      this.#refuse(refusal);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#why = 'its time was over';
      tell(this.#socket, { cut: 'killed' });
      tree.kill();
    }, this.#options.timeOf(run.agent));
    tell(this.#socket, { go: true });
  }

  #refuse({ code, sentence }: Problem): void {
    tell(this.#socket, { refused: { code, sentence } });
  }

  async #close(code: number | null, signal: string | null): Promise<void> {
    if (this.#isOver) return this.over;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#door?.close();
    await this.#run?.end({ code, signal, why: this.#why, output: this.#output });
    this.#done();
  }
}
