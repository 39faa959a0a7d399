import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Agent } from '../../model/agent.ts';
import { newSalt, saltedDigest } from '../action/action.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { Rooms } from '../rooms.ts';
import type { Cut } from '../stop/live.ts';
import { mintToken, type Tokens } from './tokens.ts';

/** What somebody asks to run. */
interface RunAsked {
  readonly agent: string;
  /** The bearer token of the agent, which is exchanged for the run's own. */
  readonly token: string;
  readonly command: readonly string[];
  readonly directory: string;
  /** What holds it, as the command says: `cgroup`, `namespaces` …; what is not named is weaker. */
  readonly held: readonly string[];
}

/** How a run ended. */
interface RunEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** `exit`, or what ended it. */
  readonly why: string;
  /** The end of what it printed. */
  readonly output: string;
}

/** How the processes of a run are stopped, and let go on. */
interface Reins {
  cut(level: Cut): void | Promise<void>;
  resume(): void;
}

/** A run that was recorded and may begin. */
export interface BegunRun {
  readonly id: string;
  readonly agent: Agent;
  /** The run's own bearer token: as good as the one it was exchanged for, until the run ends or that one does. */
  readonly token: string;
  /** Milliseconds from now until that one is over by itself. */
  readonly leftMs: number;
  /** Names the token that it was exchanged for. */
  readonly parent: string;
  /** From here on a stop reaches it, and so does the end of its token or agent. Answers why it may not begin after all, or null. */
  hold(reins: Reins): Problem | null;
  /** Its token is good for nothing from here on, whoever still has to tell how the program ended. */
  endToken(): void;
  /** The token is over, and the end is recorded. Once. */
  end(how: RunEnd): Promise<void>;
}

/** Programs that run for agents: who may start one, under which token, and what the log says of it. */
export class Runs {
  readonly #rooms: Rooms;
  readonly #tokens: Tokens;
  /** From before it is recorded, so that many that come at once are counted. */
  readonly #running = new Map<string, { readonly agent: string; look(): void }>();

  constructor(rooms: Rooms, tokens: Tokens, watch: (then: () => void) => void) {
    this.#rooms = rooms;
    this.#tokens = tokens;
    const look = () => {
      for (const run of this.#running.values()) run.look();
    };
    watch(look);
    tokens.watch(look);
  }

  /** Recorded before anything starts; what cannot be recorded does not start. */
  async begin(asked: RunAsked): Promise<Result<BegunRun, Problem>> {
    const { clock, ids, recorder } = this.#rooms;
    const refused = (found: Problem, agent: string | null = null) => {
      this.#rooms.refusals.count(agent, found.code);
      return err(found);
    };
    const bearer = this.#tokens.authenticate(asked.token, 'run');
    if (!bearer.ok) return refused(bearer.error);
    if ('point' in bearer.value) return refused(problem('POINT_TOKEN'));
    const { agent: id, token: parent } = bearer.value;
    if (id !== asked.agent) return refused(problem('FOREIGN_AGENT', { agent: asked.agent }), id);
    if (this.#tokens.isOfRun(asked.token)) return refused(problem('RUN_WITHIN_RUN'), id);
    const agent = this.#rooms.inForce().agents.get(id);
    const halted = whyNotNow(this.#rooms, id);
    if (agent === undefined || halted !== null) return refused(halted ?? problem('TOKEN_REFUSED'), id);
    const running = [...this.#running.values()].filter((one) => one.agent === id).length;
    if (running >= LIMITS.runsPerAgent)
      return refused(problem('TOO_MANY_RUNS', { limit: LIMITS.runsPerAgent }), id);

    const run = ids();
    this.#running.set(run, { agent: id, look: () => undefined });
    const leftMs = (this.#tokens.endOf(parent) ?? 0) - clock.now();
    const { token, record } = mintToken({ agent: id }, clock.now(), leftMs);
    try {
      await recorder.record({
        fields: {
          kind: 'run.started',
          agent: id,
          command: this.#clean(asked.command.join(' ').slice(0, LIMITS.runCommandLength).toWellFormed()),
          directory: this.#clean(asked.directory.slice(0, LIMITS.runCommandLength).toWellFormed()),
          door: 'run',
          held: asked.held.slice(0, 16).map((one) => one.slice(0, 64)),
          owner: agent.owner,
          run,
          session: run,
          token: parent,
        },
      });
    } catch (error) {
      this.#running.delete(run);
      this.#rooms.report(`a run could not be recorded, so it did not start: ${String(error)}`);
      return refused(problem('STORE_UNAVAILABLE'), id);
    }
    this.#tokens.put({ ...record, exchangedFor: parent });
    return ok(this.#begun({ id: run, agent, token, parent, leftMs }, record.id));
  }

  #begun(begun: Pick<BegunRun, 'id' | 'agent' | 'token' | 'parent' | 'leftMs'>, tokenId: string): BegunRun {
    const { id, agent, parent } = begun;
    let leave: () => void = () => undefined;
    let isOver = false;
    const overNow = () =>
      this.#tokens.isLive(parent) ? whyNotNow(this.#rooms, agent.id) : problem('TOKEN_REFUSED');
    return {
      ...begun,
      endToken: () => this.#tokens.remove(tokenId),
      hold: (reins) => {
        const about = { agent: agent.id, owner: agent.owner, session: id };
        leave = this.#rooms.halt.register({ kind: 'process', name: id, about, ...liveBy(reins) });
        const look = () => {
          const why = overNow();
          // A stop freezes it by itself (see `register`); what has lost its token or its agent ends for good.
          if (why?.code === 'TOKEN_REFUSED') void reins.cut('killed');
        };
        this.#running.set(id, { agent: agent.id, look });
        return overNow() ?? this.#rooms.halt.refusal(agent, about);
      },
      end: async (how) => {
        if (isOver) return;
        isOver = true;
        leave();
        this.#running.delete(id);
        this.#tokens.remove(tokenId);
        await this.#recordEnd(id, agent, how);
      },
    };
  }

  async #recordEnd(run: string, agent: Agent, { code, signal, why, output }: RunEnd): Promise<void> {
    const { clock, recorder, inForce } = this.#rooms;
    const salt = newSalt();
    const text = JSON.stringify({ output: this.#clean(output.toWellFormed()) });
    const draft = {
      fields: {
        kind: 'run.ended',
        agent: agent.id,
        ...(code === null ? {} : { exit: code }),
        outputDigest: saltedDigest(salt, text),
        owner: agent.owner,
        run,
        session: run,
        ...(signal === null ? {} : { signal }),
        why,
      },
      bodies: [
        { action: run, part: 'result', salt, text, expiresAtMs: clock.now() + inForce().bodyRetentionMs },
      ],
    } as const;
    try {
      await recorder.record(draft);
    } catch (error) {
      recorder.owe(draft);
      this.#rooms.report(`the end of run ${run} could not be recorded yet: ${String(error)}`);
    }
  }

  #clean(text: string): string {
    return this.#rooms.redactor.redact(this.#rooms.scrubber.scrub(text));
  }
}

const liveBy = (reins: Reins): Reins => ({ cut: (level) => reins.cut(level), resume: () => reins.resume() });
