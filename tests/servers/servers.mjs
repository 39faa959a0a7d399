// The real servers of this suite: how each is started, one call that is allowed, one that is denied, and how it shows
// that the denied one never reached it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const ours = (name) => join(root, 'node_modules', '.bin', name);
const own = (name) => join(import.meta.dirname, 'node_modules', '.bin', name);
const git = (directory, ...words) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
    cwd: directory,
    encoding: 'utf8',
  });

/**
 * `prepare(directory)` lays out what the server works on. `allowed` and `denied` are calls; the answer of the allowed one
 * holds `says`. `untouched(directory, before, after)`, where a server has effects, answers whether the denied call has left
 * no trace; that it was never sent to the server is looked up in its input (recorder.mjs) for all. `when` narrows the rule.
 */
export const SERVERS = [
  {
    name: 'filesystem',
    upstream: { command: [ours('mcp-server-filesystem'), '.'] },
    prepare: (directory) => writeFileSync(join(directory, 'a.txt'), 'what a.txt holds'),
    allowed: { name: 'read_text_file', arguments: { path: 'a.txt' }, says: 'what a.txt holds' },
    denied: { name: 'write_file', arguments: { path: 'b.txt', content: 'TAKEN' } },
    untouched: (directory) => !existsSync(join(directory, 'b.txt')),
  },
  {
    name: 'memory',
    upstream: {
      command: [ours('mcp-server-memory')],
      env: (directory) => ({ MEMORY_FILE_PATH: join(directory, 'memory.json') }),
    },
    prepare: () => {},
    allowed: { name: 'read_graph', arguments: {}, says: 'entities' },
    denied: {
      name: 'create_entities',
      arguments: { entities: [{ name: 'TAKEN', entityType: 'x', observations: ['x'] }] },
    },
    untouched(directory) {
      const path = join(directory, 'memory.json');
      return !existsSync(path) || !readFileSync(path, 'utf8').includes('TAKEN');
    },
  },
  {
    name: 'everything',
    upstream: { command: [ours('mcp-server-everything')] },
    prepare: () => {},
    allowed: { name: 'echo', arguments: { message: 'what was said' }, says: 'what was said' },
    denied: { name: 'get-env', arguments: {} },
  },
  {
    name: 'sequential-thinking',
    upstream: { command: [own('mcp-server-sequential-thinking')] },
    prepare: () => {},
    allowed: {
      name: 'sequentialthinking',
      arguments: { thought: 'fine', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
      says: 'thoughtHistoryLength',
    },
    denied: {
      name: 'sequentialthinking',
      arguments: { thought: 'TAKEN', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
    },
    // It has one tool: what is denied is one thought, and it counts its thoughts.
    when: 'context.input has thought && context.input.thought == "TAKEN"',
    untouched: (_directory, before, after) => countOf(after) === countOf(before) + 1,
  },
  {
    name: 'git',
    upstream: {
      command: [own('git-mcp-server')],
      env: () => ({ MCP_TRANSPORT_TYPE: 'stdio', MCP_LOG_LEVEL: 'error' }),
    },
    prepare(directory) {
      git(directory, 'init', '-q');
      writeFileSync(join(directory, 'a.txt'), 'a');
      git(directory, 'add', '.');
      git(directory, 'commit', '-qm', 'the first one');
      writeFileSync(join(directory, 'b.txt'), 'b');
      git(directory, 'add', '.');
    },
    allowed: (directory) => ({ name: 'git_log', arguments: { path: directory }, says: 'the first one' }),
    denied: (directory) => ({ name: 'git_commit', arguments: { path: directory, message: 'TAKEN' } }),
    untouched: (directory) => !git(directory, 'log', '--format=%s').includes('TAKEN'),
  },
  {
    name: 'playwright',
    browser: '/usr/bin/chromium',
    upstream: {
      command: [
        own('playwright-mcp'),
        '--headless',
        '--isolated',
        '--no-sandbox',
        '--executable-path',
        '/usr/bin/chromium',
      ],
    },
    prepare: () => {},
    allowed: {
      name: 'browser_navigate',
      arguments: { url: 'data:text/html,<title>what the page says</title>' },
      says: 'what the page says',
    },
    denied: { name: 'browser_evaluate', arguments: { function: '() => 1' } },
  },
];

const countOf = (answer) => Number(/thoughtHistoryLength\D+(\d+)/.exec(answer)?.[1] ?? Number.NaN);

/** What a row says of a call, wherever the server works. */
export const callOf = (call, directory) => (typeof call === 'function' ? call(directory) : call);

/** A directory of its own for each server, laid out. */
export function layOut(ground, server) {
  const directory = join(ground.directory, `at-${server.name}`);
  mkdirSync(directory);
  server.prepare(directory);
  return directory;
}
