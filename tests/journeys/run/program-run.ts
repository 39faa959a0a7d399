import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../source-tree.ts';
import type { OperatorGround } from '../operator-ground.ts';

export const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
export const CLI = join(ROOT, 'src', 'cli', 'lanyard.ts');

/** A file that whoever starts a program has open. */
export const LEFT = 'left-open';

/**
 * A program with a child, a grandchild, and a daemon that forked twice into a session of its own; each writes a line a
 * few times a second into a file of its own.
 */
export const TREE = `
beat() { while :; do echo . >> "$1"; sleep 0.02; done; }
beat parent & (beat child & wait) & setsid sh -c '(setsid sh -c "while :; do echo . >> daemon; sleep 0.02; done" &) ; exit 0' &
beat leader
`;
export const BEATS = ['parent', 'child', 'daemon', 'leader'];

/** `./lanyard run` with a program, as somebody at a shell would begin it. */
export class ProgramRun {
  readonly child;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(
    ground: OperatorGround,
    agent: string,
    token: string,
    flags: readonly string[],
    command: readonly string[],
    cwd: string,
    environment: NodeJS.ProcessEnv = {},
  ) {
    const args = [
      '--disable-warning=ExperimentalWarning',
      CLI,
      'run',
      '--agent',
      agent,
      ...flags,
      '--',
      ...command,
    ];
    // As a shell would, with files of its own left open, below and beyond those that the runtime marks by itself.
    const left = ['9', '40', '251'].map((fd) => `exec ${fd}<>'${join(ground.directory, LEFT)}'`).join('\n');
    this.child = spawn('bash', ['-c', `${left}\nexec "$@"`, 'bash', NODE, ...args], {
      cwd,
      env: {
        ...process.env,
        LANYARD_CONFIG: ground.config,
        LANYARD_TOKEN: token,
        PARENT_SECRET: 'hunter22',
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (chunk) => (this.stdout += String(chunk)));
    this.child.stderr.on('data', (chunk) => (this.stderr += String(chunk)));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  get id(): string {
    return /run (\S+) of/.exec(this.stderr)?.[1] ?? '';
  }
}

/** Ids of processes that carry a run's mark, and are no zombies. */
export function alive(run: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return false;
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`LANYARD_RUN=${run}\0`);
    } catch {
      return false;
    }
  });
}
