// How each agent program is pointed at a scripted model and at Lanyard, over HTTP and over `./lanyard mcp`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropic, openai } from './model.mjs';

const bin = (name) => join(import.meta.dirname, 'node_modules', '.bin', name);
const root = join(import.meta.dirname, '..', '..');

/** The server `files`, as the command line would be pasted into a program's settings. */
const stdioOf = ({ agent, config }) => ({
  command: join(root, 'lanyard'),
  args: ['mcp', 'files', '--agent', agent, '-c', config],
});

/**
 * `start(place)` writes what the program needs below `place.home` and answers its command line and environment;
 * `place`: `{ home, transport, agent, url, token, config, model }`, `model` the origin of the scripted endpoint.
 */
export const PROGRAMS = [
  {
    name: 'Claude Code',
    agent: 'claude',
    face: anthropic,
    start(place) {
      const { home, transport, url, token, model } = place;
      const { command, args } = stdioOf(place);
      const server =
        transport === 'http'
          ? { type: 'http', url, headers: { Authorization: `Bearer ${token}` } }
          : { type: 'stdio', command, args, env: { LANYARD_TOKEN: token } };
      writeFileSync(join(home, 'mcp.json'), JSON.stringify({ mcpServers: { files: server } }));
      writeFileSync(join(home, 'settings.json'), '{}');
      return {
        command: bin('claude'),
        args: [
          ...['-p', 'Play your part.', '--output-format', 'stream-json', '--verbose'],
          ...['--mcp-config', join(home, 'mcp.json'), '--strict-mcp-config'],
          ...['--settings', join(home, 'settings.json')],
          ...['--allowedTools', 'mcp__files__read_text_file,mcp__files__write_file'],
        ],
        env: {
          ANTHROPIC_BASE_URL: model,
          ANTHROPIC_API_KEY: 'x',
          DISABLE_TELEMETRY: '1',
          DISABLE_ERROR_REPORTING: '1',
          DISABLE_AUTOUPDATER: '1',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        },
      };
    },
  },
  {
    name: 'Codex',
    agent: 'codex',
    face: openai,
    start(place) {
      const { home, transport, url, token, model } = place;
      const { command, args } = stdioOf(place);
      const text = JSON.stringify; // a TOML string or array of strings is written as JSON writes it
      const server =
        transport === 'http'
          ? [`url = ${text(url)}`, 'bearer_token_env_var = "LANYARD_TOKEN"']
          : [`command = ${text(command)}`, `args = ${text(args)}`, 'env_vars = ["LANYARD_TOKEN"]'];
      const lines = [
        'model = "scripted"',
        'model_provider = "scripted"',
        'approval_policy = "never"',
        'sandbox_mode = "read-only"',
        '[model_providers.scripted]',
        'name = "scripted"',
        `base_url = ${text(`${model}/v1`)}`,
        'wire_api = "responses"',
        'env_key = "SCRIPTED_KEY"',
        '[mcp_servers.files]',
        ...server,
        'default_tools_approval_mode = "approve"',
      ];
      mkdirSync(join(home, '.codex'));
      writeFileSync(join(home, '.codex', 'config.toml'), `${lines.join('\n')}\n`);
      return {
        command: bin('codex'),
        args: ['exec', '--skip-git-repo-check', '--json', 'Play your part.'],
        env: { SCRIPTED_KEY: 'x', LANYARD_TOKEN: token },
      };
    },
  },
];
