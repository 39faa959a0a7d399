import { expect, it, onTestFinished } from 'vitest';
import { OperatorGround } from '../../../tests/journeys/operator-ground.ts';
import { examine } from './examined.ts';
import { lookAtRealServers } from './real-servers.ts';

const odd = `const { createInterface } = require('node:readline');
const tools = [{ name: 'broken', inputSchema: { type: 'object', $ref: 'https://example.org/x' } }];
const initialize = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const result = { initialize, 'tools/list': { tools } }[method];
  const answer = result ? { result } : { error: { code: -32601, message: 'unknown' } };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});`;

it('says of each real server that cannot be listed why, ends, and tries no more', {
  timeout: 90_000,
}, async () => {
  const ground = new OperatorGround();
  onTestFinished(() => ground.remove());
  const program = (script: string) => ({ command: [process.execPath, '-e', script], cwd: './work' });
  const upstreams = {
    odd: program(odd),
    gone: program('process.exit(7)'),
    silent: program('process.stdin.resume()'),
    absent: { url: 'http://127.0.0.1:9/mcp' },
    needy: { url: 'http://127.0.0.1:9/mcp', headers: { Authorization: 'env:LANYARD_TEST_NONE' } },
    poor: { ...program(odd), env: { KEY: 'env:LANYARD_TEST_NONE', OTHER: 'env:LANYARD_TEST_NONE' } },
  };
  ground.write(
    'lanyard.yaml',
    ground.configuration({ upstreams: `upstreams: ${JSON.stringify(upstreams)}` }),
  );
  const examined = await examine(ground.config, process.env);
  const sights = await lookAtRealServers(examined, process.env);
  await examined.files.close();
  const saw = Object.fromEntries(sights.map((sight) => [sight.surface, sight]));
  expect(sights).toHaveLength(5);
  expect(saw).toMatchObject({
    odd: { fired: true, saw: expect.stringMatching(/shown to no agent: .*broken/) },
    gone: { fired: null, saw: expect.stringMatching(/^it did not connect in time: .*exited with code 7/) },
    silent: {
      fired: null,
      saw: expect.stringMatching(/^it did not connect in time: .* within 10 s; .* by hand/),
    },
    absent: { fired: null, saw: expect.stringMatching(/^it did not connect in time: .*ECONNREFUSED/) },
    // Said once, and it keeps doctor from no other server.
    'needy, poor': { fired: null, saw: expect.stringContaining('the environment has no LANYARD_TEST_NONE') },
  });
});
