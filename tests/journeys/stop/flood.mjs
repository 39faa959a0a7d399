// A flood of one door from loopback, bounded: `flood.mjs URL TOKEN SECONDS`. Calls and nonsense over many connections, as
// fast as it can; prints how many were answered, a line every 100 ms. Ends by itself.
import { Agent, request } from 'node:http';

const [url, token, seconds] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const end = performance.now() + Number(seconds) * 1000;
let answered = 0;

const headers = {
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'look',
};
const call = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'look',
    arguments: { id: 'a' },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'flood', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});
const bodies = [call, call, call, '{"jsonrpc":"2.0"', call];

function send(n) {
  if (performance.now() > end) return;
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().on('end', () => {
      answered++;
      send(n + 1);
    });
  });
  sent.on('error', () => setTimeout(send, 10, n + 1));
  sent.end(bodies[n % bodies.length]);
}
for (let i = 0; i < 64; i++) send(i);
setInterval(() => {
  console.log(String(answered));
  if (performance.now() > end) process.exit(0);
}, 100);
