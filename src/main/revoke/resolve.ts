import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { durationMs } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Path } from '../configuration/problem.ts';
import type { RevokeConfiguration, StepConfiguration } from '../configuration/revoke-shape.ts';
import type { Configuration } from '../configuration/shape.ts';
import { inherited, resolveCommand } from '../in-force/program.ts';
import type { Secrets } from '../in-force/secrets.ts';

/** A program. It is given `env`, and nothing else of the environment. */
export interface ProgramStep {
  readonly timeoutMs: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RequestStep {
  readonly timeoutMs: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One step, with what it needs looked up. */
export type Step = ProgramStep | RequestStep;

/** How a secret is revoked. `verify`: a harmless read that must be refused afterwards; null: nothing proves it. */
export interface Revoke {
  readonly step: Step;
  readonly verify: Step | null;
}

interface StepGround {
  readonly base: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly secrets: Secrets;
}

/** Looked up with the set and not at the kill: by then a file may be gone, and what leaves must be scrubbed of it. */
export function resolveRevokes(
  { upstreams }: Pick<Configuration, 'upstreams'>,
  ground: StepGround,
  say: (path: Path, message: string) => void,
): ReadonlyMap<string, Revoke> {
  const all = new Map<string, Revoke>();
  for (const [id, { revoke }] of Object.entries(upstreams)) {
    if (revoke === undefined) continue;
    const path = ['upstreams', id, 'revoke'];
    const step = resolveStep(revoke, path, ground);
    const verify =
      revoke.verify === undefined ? null : resolveStep(revoke.verify, [...path, 'verify'], ground);
    // A set that was put in force by an older version may hold anything here.
    if (step === undefined || verify === undefined) say(path, 'needs either `command` or `url`');
    else all.set(id, { step, verify });
  }
  return all;
}

function resolveStep(given: StepConfiguration, path: Path, ground: StepGround): Step | undefined {
  const { command, env = {}, url, headers = {}, body, timeout } = given;
  const { base, environment, secrets } = ground;
  const timeoutMs = timeout === undefined ? LIMITS.revokeStepMs : durationMs(timeout);
  if (command !== undefined) {
    const own = secrets.resolveAll(env, [...path, 'env']);
    return {
      timeoutMs,
      cwd: base,
      command: resolveCommand(command, base),
      env: { ...inherited(environment), ...own },
    };
  }
  if (url === undefined) return undefined;
  return {
    timeoutMs,
    url,
    method: given.method ?? (path.at(-1) === 'verify' ? 'GET' : 'POST'),
    headers: secrets.resolveAll(headers, [...path, 'headers']),
    ...(body === undefined ? {} : { body: secrets.resolve(body, [...path, 'body']) }),
  };
}

/** Files beside the configuration that a step names, by their paths. */
export function programsOf({ upstreams }: Pick<Configuration, 'upstreams'>, base: string): string[] {
  const commands = Object.values(upstreams).flatMap(({ revoke }) => commandsOf(revoke));
  const files = commands.flat().map((word) => resolve(base, word));
  return files.filter(
    (path) => path.startsWith(`${base}/`) && statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  );
}

const commandsOf = (revoke: RevokeConfiguration | undefined): (readonly string[])[] =>
  [revoke?.command, revoke?.verify?.command].filter((one) => one !== undefined);
