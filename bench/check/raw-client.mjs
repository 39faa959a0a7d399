/**
 * A load generator without an SDK: `node raw-client.mjs URL CALLERS REQUESTS BATCH TOKEN`. Asks the check door over one
 * keep-alive socket per caller: single evaluations where BATCH is 1, else so many in one request. Every one must be
 * allowed. Prints one JSON line: {evaluationsPerSecond, p50Ms, p99Ms} of requests. Sends to loopback only.
 */
import { connect } from 'node:net';

const [address, callers, requests, size, token] = process.argv.slice(2);
const url = new URL(address);
if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) throw new Error('loopback only');
const batch = Number(size);
const path = batch === 1 ? '/access/v1/evaluation' : '/access/v1/evaluations';

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
  send(body) {
    const head =
      `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(head + body);
    });
  }
  take() {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.rest.toString('latin1', 0, end));
    const stop = end + 4 + Number(length?.[1] ?? 0);
    if (this.rest.length < stop) return;
    const text = this.rest.toString('utf8', end + 4, stop);
    this.rest = this.rest.subarray(stop);
    this.waiting.resolve(text);
  }
}

const question = (id) =>
  `"subject":{"type":"Agent","id":"bench"},"action":{"name":"mcp:up/echo"},` +
  `"resource":{"type":"Target","id":"up"},"context":{"input":{"text":"question ${id}"}}`;
const bodyOf = (id) =>
  batch === 1
    ? `{${question(id)}}`
    : `{"evaluations":[${Array.from({ length: batch }, (_, i) => `{${question(`${id}.${i}`)}}`).join(',')}]}`;

const times = [];
let next = 1;
const total = Number(requests);
async function caller() {
  const wire = new Wire();
  while (next <= total) {
    const id = next++;
    const body = bodyOf(id);
    const begun = performance.now();
    const text = await wire.send(body);
    times.push(performance.now() - begun);
    if (text.split('"decision":true').length - 1 !== batch)
      throw new Error(`request ${id} was answered ${text.slice(0, 300)}`);
  }
  wire.socket.destroy();
}
const begun = performance.now();
await Promise.all(Array.from({ length: Number(callers) }, caller));
const seconds = (performance.now() - begun) / 1000;
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
console.log(
  JSON.stringify({ evaluationsPerSecond: (total * batch) / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }),
);
process.exit(0);
