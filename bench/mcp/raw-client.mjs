/**
 * A load generator without an SDK: `node raw-client.mjs URL CALLERS CALLS [TOKEN]`. Speaks 2025-06-18 with one session,
 * one keep-alive socket per caller, and reads JSON answers by Content-Length and chunked or SSE ones to their end.
 * Prints one JSON line: {callsPerSecond, p50Ms, p99Ms}. Sends to loopback only.
 */
import { connect } from 'node:net';

const [address, callers, calls, token] = process.argv.slice(2);
const url = new URL(address);
if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) throw new Error('loopback only');

class Wire {
  constructor() {
    this.socket = connect(Number(url.port), url.hostname);
    this.socket.setNoDelay(true);
    this.rest = Buffer.alloc(0);
    this.socket.on('data', (chunk) => {
      this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
      this.take();
    });
    this.socket.on('error', (error) => this.waiting?.reject(error));
    this.socket.on('close', () => this.waiting?.reject(new Error('closed')));
  }
  send(body, session) {
    const head =
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
      `Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n` +
      (token ? `Authorization: Bearer ${token}\r\n` : '') +
      (session ? `Mcp-Session-Id: ${session}\r\n` : '') +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(head + body);
    });
  }
  take() {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.rest.toString('latin1', 0, end);
    const start = end + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    let stop;
    if (length) {
      stop = start + Number(length[1]);
      if (this.rest.length < stop) return;
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      const last = this.rest.indexOf('0\r\n\r\n', start);
      if (last < 0) return;
      stop = last + 5;
    } else {
      stop = start;
    }
    const text = this.rest.toString('utf8', start, stop);
    this.rest = this.rest.subarray(stop);
    const { resolve } = this.waiting;
    this.waiting = undefined;
    resolve({ head, text });
  }
}

const opening = new Wire();
const opened = await opening.send(
  JSON.stringify({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  }),
);
const session = /\r\nmcp-session-id: *([^\r\n]+)/i.exec(opened.head)?.[1];
await opening.send('{"jsonrpc":"2.0","method":"notifications/initialized"}', session);

const times = [];
let next = 1;
const total = Number(calls);
async function caller() {
  const wire = new Wire();
  while (next <= total) {
    const id = next++;
    const begun = performance.now();
    const { text } = await wire.send(
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"text":"call ${id}"}}}`,
      session,
    );
    times.push(performance.now() - begun);
    if (!text.includes(`call ${id}`)) throw new Error(`call ${id} was answered ${text.slice(0, 300)}`);
  }
  wire.socket.destroy();
}
const begun = performance.now();
await Promise.all(Array.from({ length: Number(callers) }, caller));
const seconds = (performance.now() - begun) / 1000;
opening.socket.destroy();
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
console.log(JSON.stringify({ callsPerSecond: total / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }));
process.exit(0);
