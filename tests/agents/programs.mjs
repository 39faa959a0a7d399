// How each agent program is pointed at a scripted model and at Lanyard, over HTTP and over `./lanyard mcp`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropic, chat, gemini, openai } from './model.mjs';

const READ_AND_WRITE = ['mcp__files__read_text_file', 'mcp__files__write_file'];
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
          ...['--allowedTools', (place.allowed ?? READ_AND_WRITE).join()],
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
  {
    name: 'Gemini CLI',
    agent: 'gemini',
    face: gemini,
    start(place) {
      const { home, transport, url, token, model } = place;
      const { command, args } = stdioOf(place);
      const server =
        transport === 'http'
          ? { type: 'http', url, headers: { Authorization: `Bearer ${token}` } }
          : { command, args, env: { LANYARD_TOKEN: token } };
      mkdirSync(join(home, '.gemini'));
      const settings = {
        mcpServers: { files: { ...server, trust: true } },
        security: { auth: { selectedType: 'gemini-api-key' } },
        telemetry: { enabled: false },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
      };
      writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
      return {
        command: bin('gemini'),
        args: [
          ...['-m', 'gemini-2.5-flash', '--approval-mode', 'yolo', '--output-format', 'json'],
          ...['-p', 'Play your part.'],
        ],
        env: {
          GOOGLE_GEMINI_BASE_URL: model,
          GEMINI_API_KEY: 'x',
          GEMINI_CLI_TRUST_WORKSPACE: 'true',
          LANYARD_TOKEN: token,
        },
      };
    },
  },
  {
    name: 'opencode',
    agent: 'opencode',
    face: chat,
    start(place) {
      const { home, transport, url, token, model } = place;
      const { command, args } = stdioOf(place);
      const server =
        transport === 'http'
          ? {
              type: 'remote',
              url,
              headers: { Authorization: `Bearer ${token}` },
              oauth: false,
              enabled: true,
            }
          : {
              type: 'local',
              command: [command, ...args],
              environment: { LANYARD_TOKEN: token },
              enabled: true,
            };
      const settings = {
        model: 'scripted/scripted',
        small_model: 'scripted/scripted',
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            name: 'scripted',
            options: { baseURL: `${model}/v1`, apiKey: 'x' },
            models: { scripted: { name: 'scripted' } },
          },
        },
        mcp: { files: server },
        permission: 'allow',
        autoupdate: false,
        share: 'disabled',
      };
      mkdirSync(join(home, '.config', 'opencode'), { recursive: true });
      writeFileSync(join(home, '.config', 'opencode', 'opencode.json'), JSON.stringify(settings));
      return {
        command: bin('opencode'),
        args: ['run', '--format', 'json', 'Play your part.'],
        env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
      };
    },
  },
];
