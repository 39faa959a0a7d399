import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OtlpReceiver } from '../../../tests/fixtures/otlp-receiver.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { encodeEntry, leafHash } from '../../ledger/index.ts';
import { Telemetry } from './telemetry.ts';

/** A log that grows as a test says; what a store is to a follower. */
class Log {
  readonly rows: { seq: number; text: string; leaf: Buffer }[] = [];

  add(fields: Omit<Entry, 'seq' | 'at'>): void {
    const entry: Entry = {
      ...fields,
      kind: fields.kind as Entry['kind'],
      seq: this.rows.length,
      at: '2026-11-20T20:00:00.000Z',
    };
    const text = encodeEntry(entry);
    this.rows.push({ seq: entry.seq, text, leaf: leafHash(text) });
  }

  act(action: string): void {
    const who = { action, agent: 'writer', session: 's1', operation: 'mcp:files/look' };
    this.add({ kind: 'action.decided', ...who, decision: 'allow', rules: ['reads'], policy: 'sha256:00' });
    this.add({ kind: 'action.outcome', ...who, outcome: 'ok' });
  }

  readonly size = async () => this.rows.length;
  async *entries(from: number, to: number) {
    for (let at = from; at < to; at += 512) yield this.rows.slice(at, Math.min(to, at + 512));
  }
}

/** As fast as it is read, until its reader has gone. */
async function endless(response: ServerResponse): Promise<void> {
  while (!response.destroyed)
    if (!response.write(Buffer.alloc(65_536, 'x')))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

describe('telemetry over OTLP/HTTP', () => {
  let receiver: OtlpReceiver;
  let log: Log;
  let lines: string[];
  let otlp: string;
  beforeEach(async () => {
    receiver = new OtlpReceiver();
    otlp = await receiver.open();
    log = new Log();
    lines = [];
  });
  afterEach(() => receiver.close());
  const open = (place = { otlp, headers: { authorization: 'Bearer xyz' } }) =>
    new Telemetry({ store: log, place, version: '0.1.0', log: (line) => lines.push(line) });

  test('tells of each action from the start on, with its headers', async () => {
    log.act('before');
    const telemetry = open();
    await telemetry.start();
    for (let i = 0; i < 700; i++) log.act(`A${i}`);
    await telemetry.stop();
    expect(receiver.got[0]).toMatchObject({ path: '/v1/traces', headers: { authorization: 'Bearer xyz' } });
    expect(receiver.got[0]?.body.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'lanyard' },
    });
    expect(receiver.spans).toHaveLength(700);
    expect(receiver.spans[0]).toMatchObject({
      name: 'tools/call look',
      kind: 2,
      startTimeUnixNano: '1795204800000000000',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(receiver.spans[0]?.['attributes']).toContainEqual({
      key: 'gen_ai.agent.id',
      value: { stringValue: 'writer' },
    });
    expect(telemetry.dropped).toBe(0);
    expect(lines).toEqual([]);
  });

  test.each(['', '/', '/v1/traces', '/v1/traces/'])(
    'goes to the same place for an address with "%s"',
    async (end) => {
      const telemetry = open({ otlp: `${otlp}${end}`, headers: { authorization: 'Bearer xyz' } });
      await telemetry.start();
      log.act('A');
      await telemetry.stop();
      expect(receiver.got.map(({ path }) => path)).toEqual(['/v1/traces']);
    },
  );

  test('that cannot be sent is counted and told, and a stop ends in its time', async () => {
    receiver.answer = (response) => response.writeHead(400).end();
    const telemetry = open();
    await telemetry.start();
    for (let i = 0; i < 10; i++) log.act(`A${i}`);
    await telemetry.stop();
    expect(telemetry.dropped).toBe(10);
    expect(lines).toEqual([expect.stringContaining('10 spans did not reach')]);
  });

  test('that nobody takes fills no memory: what is too much is dropped and counted', async () => {
    receiver.answer = () => undefined;
    const telemetry = open();
    await telemetry.start();
    const many = LIMITS.telemetrySpans + 500;
    for (let i = 0; i < many; i++) log.act(`A${i}`);
    for (let read = 0; read < many * 2; read += LIMITS.followEntries) await telemetry.read();
    expect(telemetry.dropped).toBe(500);
    await telemetry.stop();
  });

  test.each<[string, (response: ServerResponse, elsewhere: string) => void]>([
    ['sends elsewhere', (response, elsewhere) => response.writeHead(307, { location: elsewhere }).end()],
    ['answers with what is no JSON', (response) => response.end('<html>Sign in</html>')],
    ['answers in a coding', (response) => response.setHeader('content-encoding', 'gzip').end('\0\0')],
    ['never ends its answer', (response) => void endless(response)],
    ['asks to wait for a year', (response) => response.writeHead(429, { 'retry-after': '31536000' }).end()],
    ['breaks off', (response) => response.writeHead(200, { 'content-length': '9' }).destroy()],
  ])('to a receiver that %s: nothing goes elsewhere, and a stop ends in its time', async (_what, answer) => {
    const other = new OtlpReceiver();
    const elsewhere = `${await other.open()}/v1/traces`;
    receiver.answer = (response) => answer(response, elsewhere);
    const telemetry = open();
    await telemetry.start();
    for (let i = 0; i < 10; i++) log.act(`A${i}`);
    await telemetry.stop();
    expect(receiver.got.length).toBeGreaterThan(0);
    expect(other.got).toEqual([]);
    // What it says of them is never told: it may be a secret that it was sent, or what a terminal obeys.
    expect(lines.join()).not.toContain('Sign in');
    await other.close();
  });

  test('that falls behind passes entries over, and says how many', async () => {
    const telemetry = open();
    await telemetry.start();
    for (let i = 0; i < LIMITS.followBacklog; i++) log.act(`A${i}`);
    await telemetry.read();
    expect(telemetry.dropped).toBe(LIMITS.followBacklog);
    await telemetry.stop();
  });

  test('loads its SDK only when it starts', () => {
    const text = readFileSync(new URL('./exporter.ts', import.meta.url), 'utf8');
    expect(text.match(/import\('@opentelemetry\//g)).toHaveLength(3);
    expect(text).not.toMatch(/^import .*@opentelemetry/m);
  });

  test('to nobody at all is dropped', async () => {
    const telemetry = open({ otlp: 'http://127.0.0.1:1', headers: { authorization: 'x' } });
    await telemetry.start();
    log.act('A1');
    await telemetry.stop();
    expect(telemetry.dropped).toBe(1);
  });
});
