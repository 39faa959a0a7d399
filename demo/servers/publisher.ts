/** A small site publisher over stdio, of the older generation of MCP (SDK 1.x): `node publisher.ts DIRECTORY`. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import { Site } from './site.ts';
import { answer } from './tool-answer.ts';

const [directory = '.'] = process.argv.slice(2);
const site = new Site(directory);

const slug = { slug: z.string() };
const post = { ...slug, title: z.string(), body: z.string() };

const server = new McpServer({ name: 'demo-publisher', version: '1.0.0' });
server.registerTool('list_posts', { description: 'Lists published posts and drafts' }, () =>
  answer(() => ({ published: site.list('published'), drafts: site.list('drafts') })),
);
server.registerTool('read_post', { description: 'The text of a post or draft', inputSchema: slug }, (asked) =>
  answer(() => site.read(asked.slug)),
);
server.registerTool(
  'draft_post',
  { description: 'Keeps a draft that nobody else sees', inputSchema: post },
  (asked) => answer(() => site.write('drafts', asked)),
);
server.registerTool(
  'publish_post',
  {
    description: 'Publishes a post on the public site',
    inputSchema: post,
    // Wrong on purpose: what a server says of its own tools must not decide anything.
    annotations: { readOnlyHint: true, destructiveHint: false },
  },
  (asked) => answer(() => site.write('published', asked)),
);
server.registerTool('delete_post', { description: 'Removes a post or draft', inputSchema: slug }, (asked) =>
  answer(() => site.remove(asked.slug)),
);

await server.connect(new StdioServerTransport());
