import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../source-tree.ts';

const LANYARD = join(ROOT, 'lanyard');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Running = ChildProcessByStdio<null, Readable, Readable>;

/** `directory` is where everything temporary of it goes, and by which its processes are found again. */
const startLanyard = (directory: string, ...words: readonly string[]): Running =>
  spawn(LANYARD, words, {
    cwd: directory,
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function runLanyard(directory: string, ...words: readonly string[]): Promise<Ended> {
  const child = startLanyard(directory, ...words);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

interface Entry {
  readonly kind: string;
  readonly action?: string;
  readonly decision?: string;
  readonly outcome?: string;
  readonly upstream?: string;
  readonly generation?: string;
  readonly definitions?: readonly { readonly kind: string; readonly name: string }[];
}

/** The log of an instance that has ended, by kind of entry. */
async function readLog(config: string): Promise<(kind: string) => readonly Entry[]> {
  const shown = await runLanyard(dirname(config), 'log', 'show', '--json', '-c', config);
  const entries = shown.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  return (kind) => entries.filter((entry) => entry.kind === kind);
}

/** Processes that run in the directory, or name it in their command line. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes(directory) || readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
      } catch {
        return false; // gone meanwhile, or a stranger's
      }
    });
}

const seesProcesses = existsSync('/proc/self/cwd');

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-journey-')));
  return () => rmSync(directory, { recursive: true, force: true });
});

describe('./lanyard demo', () => {
  describe('played over the starter rules', { timeout: 120_000 }, () => {
    let home: string;
    let kept: string;
    let ended: Ended;
    beforeAll(async () => {
      home = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-journey-')));
      ended = await runLanyard(home, 'demo', '--keep');
      kept = join(home, readdirSync(home).find((name) => name.startsWith('lanyard-demo-')) ?? 'nothing-kept');
    }, 120_000);
    afterAll(() => rmSync(home, { recursive: true, force: true }));

    it('ends well, and says what became of each step', () => {
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const steps = [...ended.stdout.matchAll(/^ +\d+ {2}agent .*?(\w+\/\w+) +(\w+)$/gm)];
      expect(steps.map(([, operation, result]) => `${operation} ${result}`)).toEqual([
        'forge/push_files allowed',
        'forge/create_pull_request allowed',
        'forge/get_pull_request allowed',
        'forge/get_user_profile allowed',
        'websearch/search allowed',
        'websearch/open_page allowed',
        'publisher/draft_post allowed',
        'publisher/publish_post denied',
        'forge/push_files denied',
        'forge/comment_on_pull_request denied',
        'websearch/search allowed',
      ]);
      expect(ended.stdout.match(/code APPROVAL_UNAVAILABLE, rule starter-\S+/g)).toEqual([
        'code APPROVAL_UNAVAILABLE, rule starter-external-asks',
        'code APPROVAL_UNAVAILABLE, rule starter-default-branch-asks',
        'code APPROVAL_UNAVAILABLE, rule starter-comment-asks',
      ]);
      expect(ended.stdout).not.toContain('\u001b');
    });

    it('published nothing, pushed nothing to a pages branch, and left no comment', () => {
      expect(readdirSync(join(kept, 'world', 'site'))).toEqual(['drafts']);
      const forge: unknown = JSON.parse(readFileSync(join(kept, 'world', 'forge', 'forge.json'), 'utf8'));
      expect(forge).toMatchObject({
        pulls: [
          { author: 'tern-agent', state: 'closed', closedBy: 'mvoss', comments: [{ author: 'mvoss' }] },
        ],
        pushes: [{ owner: 'tern-agent', repo: 'plotkit', branch: 'faster-ticks' }],
      });
    });

    it('left a log that holds, with every attempt in it', async () => {
      const config = join(kept, 'lanyard.yaml');
      const verified = await runLanyard(home, 'log', 'verify', '--deep', '-c', config);
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('The log holds: ') });
      const ofKind = await readLog(config);
      const allowed = ofKind('action.decided').filter((entry) => entry['decision'] === 'allow');
      expect(ofKind('action.decided')).toHaveLength(11);
      expect(ofKind('action.outcome').map(({ action, outcome }) => ({ action, outcome }))).toEqual(
        allowed.map(({ action }) => ({ action, outcome: 'ok' })),
      );
      expect(ofKind('instance.pin-changed')).toEqual([]);
    });

    it('has a catalog entry for each tool of its servers, in each generation, and no other', async () => {
      const ofKind = await readLog(join(kept, 'lanyard.yaml'));
      const pinned = ofKind('instance.pinned').map(({ upstream, generation, definitions }) => {
        const tools = definitions?.filter(({ kind }) => kind === 'tool').map(({ name }) => name);
        return { upstream, generation, tools: tools?.sort() };
      });
      const met = (upstream: string, generation: string) => {
        const file = join(ROOT, 'packs', 'starter', 'catalog', `${upstream}.yaml`);
        const { operations } = parse(readFileSync(file, 'utf8')) as { operations: Record<string, unknown> };
        return { upstream, generation, tools: Object.keys(operations).sort() };
      };
      expect(pinned).toHaveLength(5);
      expect(pinned).toEqual(
        expect.arrayContaining([
          met('forge', '2026'),
          met('forge', '2025'),
          met('websearch', '2026'),
          met('websearch', '2025'),
          met('publisher', '2025'),
        ]),
      );
    });

    it.runIf(seesProcesses)('left no process', () => {
      expect(processesOf(home)).toEqual([]);
    });
  });

  it('fails where rules let the attack through, says which steps, and clears up', {
    timeout: 120_000,
  }, async () => {
    const own = join(directory, 'own');
    mkdirSync(join(own, 'policies'), { recursive: true });
    cpSync(join(ROOT, 'demo', 'lanyard.yaml'), join(own, 'lanyard.yaml'));
    const file = join(own, 'lanyard.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('packs: [starter]', 'policies: [./policies]'));
    writeFileSync(
      join(own, 'policies', 'all.cedar'),
      '@id("all") @need("To see what comes of it") permit (principal, action, resource);',
    );
    const ended = await runLanyard(directory, 'demo', '-c', file);
    expect(ended.code).toBe(3);
    expect(ended.stdout.match(/this should have been denied/g)).toHaveLength(3);
    expect(ended.stdout).toContain('WRONG  published posts: the-gatekeeper-of-plotkit');
    expect(ended.stdout).toContain('WRONG  pushes to a pages branch: 1');
    expect(ended.stdout).toContain('WRONG  comments on the pull request by anybody but Mara Voss: 1');
    expect(readdirSync(directory)).toEqual(['own']);
    if (seesProcesses) expect(processesOf(directory)).toEqual([]);
  });

  it.each([
    ['ended while starting', 'Real MCP servers', 'ended by SIGTERM'],
    ['ended while playing', 'create_pull_request', 'ended by SIGTERM'],
    ['left by its reader', 'create_pull_request', 'nobody reads what it prints'],
  ])('cleans up when it is %s', { timeout: 120_000 }, async (_, sign, why) => {
    const child = startLanyard(directory, 'demo');
    const stderr = text(child.stderr);
    let seen = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      seen += String(chunk);
      if (!seen.includes(sign)) continue;
      if (seesProcesses) expect(processesOf(directory)).not.toEqual([]);
      if (why !== 'ended by SIGTERM') break; // which closes the pipe
      child.kill('SIGTERM');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect({ code: child.exitCode, stderr: await stderr }).toEqual({
      code: 1,
      stderr: `lanyard demo: ${why}\n`,
    });
    expect(readdirSync(directory)).toEqual([]);
    if (seesProcesses) expect(processesOf(directory)).toEqual([]);
  });
});
