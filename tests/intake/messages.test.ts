import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/base/canonical.ts';
import type { Problem } from '../../src/base/errors.ts';
import { ERRORS } from '../../src/base/errors.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-text.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { checkHeaders, decodeHeaderValue, readRevision } from '../../src/intake/headers.ts';
import { readAttempt } from '../../src/intake/mcp.ts';
import { type Message, readMessage } from '../../src/intake/message.ts';
import { dispositionOf } from '../../src/intake/methods.ts';
import { readEnvelope } from '../../src/intake/revision.ts';
import { readUpstreamMessage, readUpstreamResult } from '../../src/intake/upstream-message.ts';
import type { Attempt } from '../../src/model/action.ts';
import { FINDINGS } from './findings.ts';

const WHERE = { agent: 'writer', session: 's', token: 't1', door: 'mcp', upstream: 'files' } as const;

/** The whole way of an agent's bytes, as a door walks it. */
function read(bytes: Uint8Array): Result<{ message: Message; attempt: Attempt | null }, Problem> {
  const value = parseJson(bytes);
  if (!value.ok) return value;
  const message = readMessage(value.value);
  if (!message.ok) return message;
  if (message.value.kind === 'result' || message.value.kind === 'error')
    return ok({ message: message.value, attempt: null });
  const disposition = dispositionOf(message.value, 'client', '2025');
  if (!disposition.ok) return disposition;
  if (message.value.kind === 'notification' || disposition.value !== 'decided') {
    return ok({ message: message.value, attempt: null });
  }
  const attempt = readAttempt(message.value, WHERE);
  return attempt.ok ? ok({ message: message.value, attempt: attempt.value }) : err(attempt.error);
}

describe('findings', () => {
  test.each(FINDINGS)('$name', ({ text, code }) => {
    const whole = text.includes('"jsonrpc"') ? text : callOf(text);
    const answer = read(Buffer.from(whole));
    expect(answer.ok ? null : answer.error.code).toBe(code);
  });

  test('names are told apart', () => {
    expect(new Set(FINDINGS.map((finding) => finding.name)).size).toBe(FINDINGS.length);
  });
});

function callOf(params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
}

/** Messages as clients send them: SDK 1.x, SDK 2.x, Claude Code, Codex (shortened). */
const REAL = [
  '{"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{}}},"clientInfo":{"name":"c","version":"1.0.0"}},"jsonrpc":"2.0","id":0}',
  '{"method":"notifications/initialized","jsonrpc":"2.0"}',
  '{"method":"tools/list","params":{"_meta":{"progressToken":1}},"jsonrpc":"2.0","id":1}',
  '{"method":"tools/call","params":{"name":"write_file","arguments":{"path":"/srv/w/a.txt","content":"l\\u00efne\\n","edits":[{"line":3,"ratio":0.5,"dry":false,"who":null}]},"_meta":{"progressToken":"t-1","claudecode/toolUseId":"toolu_1","dev.lanyard/reason":"because"}},"jsonrpc":"2.0","id":2}',
  '{"jsonrpc":"2.0","id":"3f","method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},"name":"read_file","arguments":{"path":"ünï/😀"}}}',
  '{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"file:///srv/w/a%20b.txt"}}',
  '{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"review","arguments":{"code":"x = 1"}}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"user"}}',
];

const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u0061',
  '\\ud800',
  '\u0000',
  '\u00ff',
  '1e9',
  '-0',
  '__',
  'null',
  '"name":"x",',
  '"_meta":{},',
  '"id":9,',
  '[1,',
  '9007199254740993',
  '\ufeff',
];

/** A real message with a few changes: a byte, a piece put in, a stretch taken out or written twice. */
const mutated = fc
  .tuple(
    fc.constantFrom(...REAL),
    fc.array(
      fc.tuple(
        fc.constantFrom('flip', 'insert', 'cut', 'double'),
        fc.nat(),
        fc.nat(40),
        fc.nat(255),
        fc.constantFrom(...PIECES),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([text, changes]) => {
    let bytes = Buffer.from(text);
    for (const [kind, place, length, byte, piece] of changes) {
      const at = place % (bytes.length + 1);
      const head = bytes.subarray(0, at);
      const tail = bytes.subarray(at);
      if (kind === 'flip') bytes = Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)]);
      else if (kind === 'insert') bytes = Buffer.concat([head, Buffer.from(piece), tail]);
      else if (kind === 'cut') bytes = Buffer.concat([head, tail.subarray(length)]);
      else bytes = Buffer.concat([head, tail.subarray(0, length), tail]);
    }
    return bytes;
  });

test('every real message is read', () => {
  for (const text of REAL) expect(read(Buffer.from(text))).toMatchObject({ ok: true });
});

describe('mutations of real messages', () => {
  test('an answer and no exception; what is accepted means one thing, and stays the same when sent on', () => {
    const counts = { accepted: 0, attempts: 0, refused: new Set<string>() };
    fc.assert(
      fc.property(mutated, (bytes) => {
        const answer = read(bytes);
        if (!answer.ok) {
          counts.refused.add(answer.error.code);
          const { code, sentence } = answer.error;
          expect(sentence).not.toMatch(/[\r\n]/);
          // A message may hold braces of its own; the table's blanks must all be filled.
          for (const blank of ERRORS[code].sentence.match(/\{\w+\}/g) ?? [])
            expect(sentence).not.toContain(blank);
          return;
        }
        counts.accepted++;
        const native = JSON.parse(bytes.toString('utf8')) as JsonObject;
        const { attempt } = answer.value;
        if (attempt === null) return;
        counts.attempts++;
        const params = native['params'] as JsonObject;
        expect(attempt.name).toBe(attempt.method === 'resources/read' ? params['uri'] : params['name']);
        const text = canonicalize(attempt.arguments);
        expect(text).not.toMatch(/"__[^"]*":/);
        expect(parseJson(Buffer.from(text))).toEqual({ ok: true, value: attempt.arguments });
        const given: Json =
          attempt.method === 'resources/read' ? { uri: params['uri'] ?? null } : (params['arguments'] ?? {});
        expect(text).toBe(canonicalize(given));
      }),
      { numRuns: 20_000 },
    );
    expect(counts.accepted).toBeGreaterThan(1000);
    expect(counts.attempts).toBeGreaterThan(500);
    expect(counts.refused.size).toBeGreaterThan(6);
  });

  test('as answers of an upstream they are read or refused in the upstream’s name', () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        const answer = readUpstreamMessage(bytes, 'files');
        if (!answer.ok) expect(answer.error.sentence).toMatch(/^files (?:did not answer|answered)/);
        else if (answer.value.kind === 'result')
          readUpstreamResult(answer.value.result, 'tools/call', '2025', 'files');
      }),
      { numRuns: 5000 },
    );
  });

  test('headers that pass say what the body says', () => {
    const header = fc.oneof(
      fc.constantFrom(
        '2026-07-28',
        '2025-11-25',
        'tools/call',
        'tools/list',
        'read_file',
        '=?base64?cmVhZF9maWxl?=',
        '',
      ),
      fc.string({ maxLength: 12 }),
    );
    const field = fc.oneof(header, fc.array(header, { maxLength: 2 }), fc.constant(undefined));
    let passed = 0;
    fc.assert(
      fc.property(mutated, field, field, field, (bytes, version, method, name) => {
        const value = parseJson(bytes);
        const message = value.ok ? readMessage(value.value) : value;
        if (!message.ok) return;
        const headers = { 'mcp-protocol-version': version, 'mcp-method': method, 'mcp-name': name };
        const revision = readRevision(headers, message.value);
        if (!revision.ok || revision.value.generation !== '2026' || message.value.kind !== 'request') return;
        const envelope = readEnvelope(message.value.meta);
        if (envelope.ok) expect(envelope.value.version).toBe(single(version));
        if (checkHeaders(headers, message.value) !== null) return;
        passed++;
        expect(single(method)).toBe(message.value.method);
        expect(decodeHeaderValue(single(name) ?? '')).toBe(message.value.params['name'] ?? '');
      }),
      {
        numRuns: 5000,
        examples: [
          [Buffer.from(REAL[4]!), '2026-07-28', 'tools/call', '=?base64?w7xuw68v8J+YgA==?='],
          [Buffer.from(REAL[4]!), '2026-07-28', ['tools/call'], 'read_file'],
        ],
      },
    );
    expect(passed).toBeGreaterThan(0);
  });
});

function single(field: string | string[] | undefined): string | undefined {
  const value = Array.isArray(field) ? field[0] : field;
  return value?.replace(/^[\t ]+|[\t ]+$/g, '');
}
