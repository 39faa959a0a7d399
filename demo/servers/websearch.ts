/** A small web search over stdio, both generations of MCP: `node websearch.ts`. It only reads, and its web is invented. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { findPages, pageAt } from './pages.ts';
import { answer } from './tool-answer.ts';

serveStdio(
  () => {
    const server = new McpServer({ name: 'demo-websearch', version: '1.0.0' });
    server.registerTool(
      'search',
      { description: 'Searches the web', inputSchema: z.object({ query: z.string() }) },
      ({ query }) => answer(() => findPages(query)),
    );
    server.registerTool(
      'open_page',
      { description: 'The text of a page', inputSchema: z.object({ url: z.string() }) },
      ({ url }) => answer(() => pageAt(url)),
    );
    return server;
  },
  { legacy: 'serve' },
);
