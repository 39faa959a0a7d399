import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { stackOf } from '../../base/error-text.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { refuseSocket } from '../../base/http-refusals.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Agent } from '../../model/agent.ts';
import type { BegunRun, Runs } from '../../pipeline/credentials/runs.ts';
import { Cgroup } from './cgroup.ts';
import { hear, tell } from './lines.ts';
import { IN_GROUP } from './means.ts';
import { ProcessTree } from './process-tree.ts';
import type { RunDoor } from './run-door.ts';

/** What `./lanyard run` asks the operator socket to switch to. */
export const RUN_PROTOCOL = 'lanyard-run';

/** What a run is granted, besides its token and its door. */
export type RunTermsGiven = JsonObject;

interface RunDeskOptions {
  readonly runs: Runs;
  /** Why a program could be given no door; null where it can. Asked before anything is begun. */
  whyNoDoor(isolated: boolean): Problem | null;
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
      if (isDraining || req.headers.upgrade !== RUN_PROTOCOL || req.method !== 'GET') {
        const found = problem(isDraining ? 'SHUTTING_DOWN' : 'NO_UPGRADE');
        refuseSocket(socket, found);
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
  #beginning: Promise<void> | null = null;
  #isEnding = false;
  #isInGroup = false;
  #isEnclosed = false;
  #killed: Promise<void> | null = null;
  #isOver = false;

  constructor(options: RunDeskOptions, socket: Duplex) {
    this.#options = options;
    this.#socket = socket;
    this.over = new Promise((resolve) => {
      this.#done = resolve;
    });
    hear(socket, (message) => {
      this.#take(message).catch((error: unknown) => {
        this.#fault(error);
        socket.destroy();
      });
    });
    // Whoever started the program is gone: nobody would hear of its end.
    socket.on('close', () => void this.end('its command was lost'));
  }

  readonly #fault = (error: unknown): void => this.#options.log(`a run met a fault: ${stackOf(error)}`);

  async end(why: string): Promise<void> {
    if (this.#isOver) return this.over;
    if (this.#why === 'exit') this.#why = why;
    this.#isEnding = true;
    // A run that is being recorded as begun gets a token and a door a moment later; neither must outlive this.
    await this.#beginning;
    this.#tree?.kill();
    this.#endToken();
    await this.#tree?.ended();
    await this.#close(null, 'SIGKILL');
    this.#socket.destroy();
  }

  async #take(message: JsonObject): Promise<void> {
    const { begin, spawned, output, ended } = message;
    if (isJsonObject(begin) && this.#beginning === null) {
      const beginning = this.#begin(begin);
      this.#beginning = beginning.catch(() => undefined);
      await beginning;
    } else if (isJsonObject(spawned) && this.#tree === null) this.#hold(spawned);
    else if (typeof output === 'string') this.#output = (this.#output + output).slice(-LIMITS.runOutputBytes);
    else if (isJsonObject(ended)) {
      // What the program left behind ends with it, and so does everything that was begun with its token, whoever holds
      // that by now.
      this.#endToken();
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
    const doorless = this.#options.whyNoDoor(isolated === true);
    if (doorless !== null) return this.#refuse(doorless);
    const begun = await this.#options.runs.begin({
      agent: String(agent),
      token: String(token),
      command: texts(command),
      directory: String(directory),
      held: texts(held),
    });
    if (!begun.ok) return this.#refuse(begun.error);
    const run = begun.value;
    this.#run = run;
    if (this.#isEnding) return;
    this.#door = await this.#options.openDoor(run, isolated === true);
    if (this.#isEnding) return;
    this.#isInGroup = texts(held).includes(IN_GROUP);
    this.#isEnclosed = isolated === true;
    const terms = this.#options.termsOf(run.agent);
    tell(this.#socket, { begun: { run: run.id, token: run.token, door: this.#door.place, terms } });
  }

  /** From here on a stop takes hold of the processes, in its own tick; then the program may begin. */
  #hold({ pid, cgroup }: JsonObject): void {
    const run = this.#run;
    if (run === null || this.#isEnding || typeof pid !== 'number' || pid < 2) {
      this.#refuse(problem('INTERNAL'));
      return;
    }
    const group = typeof cgroup === 'string' ? Cgroup.at(cgroup, run.id) : null;
    // The log will say that a control group holds the program, so it does not begin without one.
    if (this.#isInGroup && group === null) {
      this.#refuse(problem('RUN_NOT_HELD'));
      return;
    }
    const tree = new ProcessTree({ run: run.id, pid, cgroup: group, isEnclosed: this.#isEnclosed });
    this.#tree = tree;
    const refusal = run.hold({
      cut: async (level) => {
        if (level === 'killed') return this.#kill(tree, 'killed');
        tell(this.#socket, { cut: level });
        tree.freeze();
        if (!(await tree.frozen())) throw new Error(`run ${run.id} does not freeze`);
      },
      resume: () => {
        // Released between the kill and the death of its processes: they die all the same.
        if (this.#killed !== null) return;
        tree.thaw();
        tell(this.#socket, { resume: true });
      },
    });
    if (refusal !== null) {
      this.#refuse(refusal);
      return;
    }
    const timeMs = this.#options.timeOf(run.agent);
    const [leftMs, why] = run.leftMs < timeMs ? [run.leftMs, TOKEN_OVER] : [timeMs, TIME_OVER];
    this.#after(leftMs, () => void this.#kill(tree, why).catch(this.#fault));
    tell(this.#socket, { go: true });
  }

  /**
   * In this tick its processes are frozen, and its token and door, by which it could come back, are closed. The command
   * may still report how it ended, but nobody waits for that.
   */
  #kill(tree: ProcessTree, why: string): Promise<void> {
    if (this.#killed !== null) {
      tree.kill();
      return this.#killed;
    }
    const dead = tree.freezeAndKill().then(() => tree.ended());
    this.#killed = dead.then((isEnded) => {
      clearTimeout(this.#timer);
      if (!this.#isOver) this.#after(LIMITS.runReportMs, () => void this.#close(null, 'SIGKILL'));
      // By this a stop learns that it has not ended.
      if (!isEnded) throw new Error(`run ${this.#run?.id} does not die`);
    });
    if (this.#why === 'exit') this.#why = why;
    this.#endToken();
    tell(this.#socket, { cut: 'killed' });
    return this.#killed;
  }

  #endToken(): void {
    this.#run?.endToken();
    this.#door?.close();
  }

  #after(ms: number, then: () => void): void {
    const turn = Math.min(ms, LIMITS.timerMs);
    this.#timer = setTimeout(() => (ms > turn ? this.#after(ms - turn, then) : then()), turn);
  }

  #refuse({ code, sentence }: Problem): void {
    tell(this.#socket, { refused: { code, sentence } });
  }

  async #close(code: number | null, signal: string | null): Promise<void> {
    if (this.#isOver) return this.over;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#endToken();
    await this.#run?.end({ code, signal, why: this.#why, output: this.#output });
    this.#done();
  }
}

const TIME_OVER = 'its time was over';
const TOKEN_OVER = 'its token had expired';
