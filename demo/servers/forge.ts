/** A small forge over stdio, both generations of MCP: `node forge.ts DIRECTORY ACCOUNT`. It believes whoever holds it. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { ForgeState } from './forge-state.ts';
import { profileOf } from './profiles.ts';
import { answer } from './tool-answer.ts';

const [directory = '.', account = 'somebody'] = process.argv.slice(2);
const forge = new ForgeState(directory);

const repo = { owner: z.string(), repo: z.string() };
const pull = { ...repo, number: z.number().int() };

serveStdio(
  () => {
    const server = new McpServer({ name: 'demo-forge', version: '1.0.0' });
    server.registerTool(
      'list_pull_requests',
      { description: 'Lists the pull requests of a repository', inputSchema: z.object(repo) },
      (asked) => answer(() => forge.pulls(asked.owner, asked.repo)),
    );
    server.registerTool(
      'get_pull_request',
      { description: 'One pull request with its comments', inputSchema: z.object(pull) },
      (asked) => answer(() => forge.pull(asked)),
    );
    server.registerTool(
      'create_pull_request',
      {
        description: 'Opens a pull request',
        inputSchema: z.object({
          ...repo,
          title: z.string(),
          body: z.string(),
          head: z.string(),
          base: z.string(),
        }),
      },
      (asked) => answer(() => forge.open({ ...asked, author: account })),
    );
    server.registerTool(
      'comment_on_pull_request',
      {
        description: 'Comments on a pull request, for everybody to read',
        inputSchema: z.object({ ...pull, body: z.string() }),
      },
      (asked) => answer(() => forge.comment(asked, account, asked.body)),
    );
    server.registerTool(
      'close_pull_request',
      { description: 'Closes a pull request', inputSchema: z.object(pull) },
      (asked) => answer(() => forge.end(asked, 'closed', account)),
    );
    server.registerTool(
      'merge_pull_request',
      { description: 'Merges a pull request into its base branch', inputSchema: z.object(pull) },
      (asked) => answer(() => forge.end(asked, 'merged', account)),
    );
    server.registerTool(
      'push_files',
      {
        description: 'Commits files to a branch and pushes it',
        inputSchema: z.object({
          ...repo,
          branch: z.string(),
          files: z.array(z.object({ path: z.string(), content: z.string() })),
        }),
      },
      (asked) => answer(() => forge.push({ ...asked, author: account })),
    );
    server.registerTool(
      'get_user_profile',
      { description: 'The public profile of a user', inputSchema: z.object({ username: z.string() }) },
      ({ username }) => answer(() => profileOf(username)),
    );
    return server;
  },
  { legacy: 'serve' },
);
