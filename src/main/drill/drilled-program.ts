import { createServer } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { listenOnSocket, socketPlace } from '../../control/socket.ts';
import type { RunDesk } from '../../doors/run/index.ts';
import { CanaryProgram } from '../doctor/canary-program.ts';
import type { Ground } from '../doctor/ground.ts';
import { openStateDirectory } from '../state-directory.ts';
import type { Gesture, Prop } from './prop.ts';
import { type DrilledThing, round, until } from './thing.ts';

interface ProgramStage {
  readonly ground: Ground;
  readonly desk: RunDesk;
  readonly agent: string;
  readonly token: string;
  now(): number;
}

/** A tree of processes under `./lanyard run` itself, as any agent's program: held by the command and by this instance. */
export class DrilledProgram implements Prop {
  readonly what = 'a supervised process tree';
  readonly #stage: ProgramStage;
  readonly #program: CanaryProgram;
  readonly #server = createServer();

  constructor(stage: ProgramStage) {
    this.#stage = stage;
    const { ground, desk, agent, token } = stage;
    const config = ground.write('run/lanyard.yaml', 'listen: 127.0.0.1:0\nstate: ./state\n');
    this.#program = new CanaryProgram({ ground, directory: 'run/work', config, agent, token });
    this.#server.on('upgrade', (req, socket) => desk.take(req, socket));
  }

  async raise(): Promise<Result<void, string>> {
    const { ground, now } = this.#stage;
    const state = openStateDirectory(ground.path('run', 'state'));
    await listenOnSocket(this.#server, socketPlace(state.socket, state.socketName, ground.path('run')));
    const program = this.#program;
    program.start();
    await until(now, LIMITS.drillStartMs, () => program.isAlive || program.hasEnded);
    return program.isAlive ? ok(undefined) : err(`it did not come to live: ${program.lastWords}`);
  }

  async see({ level, atMs, wallMs }: Gesture): Promise<DrilledThing> {
    const { now } = this.#stage;
    const program = this.#program;
    const thing = (ms: number | null, held: boolean): DrilledThing => ({
      kind: 'process',
      name: `a tree of processes, held by ${program.held}`,
      ms,
      held,
    });
    if (level === 'frozen') {
      let [last, sinceMs] = [program.lastBeatMs, now()];
      const isStill = () => {
        if (program.lastBeatMs !== last) [last, sinceMs] = [program.lastBeatMs, now()];
        return now() - sinceMs >= LIMITS.drillStillMs;
      };
      const stands = await until(now, LIMITS.drillEndMs, isStill);
      // What is frozen is there still: a stop that can be taken back has ended nothing.
      return thing(stands ? round(Math.max(0, last - wallMs)) : null, stands && program.isThere);
    }
    const gone = await until(now, LIMITS.drillEndMs, () => !program.isThere);
    const ms = round(now() - atMs);
    return thing(gone ? ms : null, gone && program.isGone);
  }

  goesOn(): Promise<boolean> {
    const before = this.#program.lastBeatMs;
    return until(this.#stage.now, LIMITS.drillEndMs, () => this.#program.lastBeatMs > before);
  }

  async end(): Promise<void> {
    await this.#program.end();
    this.#server.close();
  }
}
