import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Said } from '../../../src/pipeline/ports/answer.ts';
import { older, openSession, type RunningDoor, send, startDoor } from './running-door.ts';

/** What a client of the older generation is asked on the stream of its own call, and who can answer that. */

let door: RunningDoor;
/** What came of asking. */
let said: Promise<Said>;
let cancel: AbortController;
beforeEach(async () => {
  door = await startDoor();
  cancel = new AbortController();
  const begun = Promise.withResolvers<Said>();
  said = begun.promise;
  door.corridor.script = async ({ control }) => {
    const ask = { method: 'elicitation/create', params: { mode: 'form', message: 'x' } } as const;
    const answer = await (control.ask?.(ask, cancel.signal) ?? Promise.resolve({ kind: 'gone' } as const));
    begun.resolve(answer);
    return { kind: 'result', action: 'a', result: { content: [] } };
  };
});
afterEach(() => door.stop());

interface Call {
  readonly asked: JsonObject;
  readonly rest: Promise<string>;
  cut(): void;
}

/** Begins a call and resolves at the first event of its stream. */
function callAndBeAsked(session: string): Promise<Call> {
  const { headers, body } = older(session, { id: 1, method: 'tools/call', params: { name: 'echo' } });
  return new Promise((resolve, reject) => {
    const req = request(
      {
        port: door.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/mcp/files',
        agent: false,
        headers: {
          authorization: 'Bearer token-writer',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(headers as Record<string, string>),
        },
      },
      (res) => {
        let text = '';
        const rest = new Promise<string>((done) => res.on('close', () => done(text)));
        res.on('error', () => undefined);
        res.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          const event = /data: (.+)\n\n/.exec(text)?.[1];
          if (event !== undefined)
            resolve({ asked: JSON.parse(event) as JsonObject, rest, cut: () => req.destroy() });
        });
      },
    );
    req.on('error', reject);
    req.end(body);
  });
}

const accept = (id: unknown) => ({ id: id as string, result: { action: 'accept', content: { a: 1 } } });

describe('an answer', () => {
  it('reaches the one who asked, once', async () => {
    const session = await openSession(door.port);
    const { asked, rest } = await callAndBeAsked(session);
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'x' } });
    expect(asked['id']).toMatch(/^lanyard-[\w-]{22}$/);
    expect((await send(door.port, older(session, accept(asked['id'])))).status).toBe(202);
    expect(await said).toEqual({ kind: 'result', result: accept('').result });
    expect(await rest).toContain('"result":{"content":[]}');
    const again = await send(door.port, older(session, accept(asked['id'])));
    expect(again).toMatchObject({ status: 400, json: { error: { data: { code: 'BAD_MESSAGE' } } } });
  });

  it.each([
    [
      'another session of the same agent',
      async () => [await openSession(door.port), {}, '/mcp/files'] as const,
    ],
    [
      'another agent',
      async () => {
        const headers = { authorization: 'Bearer token-other' };
        return [await openSession(door.port, { headers }), headers, '/mcp/files'] as const;
      },
    ],
    ['no session at all', async () => [undefined, {}, '/mcp/files'] as const],
  ])('of %s is refused, and the asking goes on', async (_, other) => {
    const session = await openSession(door.port);
    const { asked } = await callAndBeAsked(session);
    const [key, headers, path] = await other();
    const forged = older(key, accept(asked['id']));
    const reply = await send(door.port, { ...forged, path, headers: { ...forged.headers, ...headers } });
    expect(reply.status).toBe(400);
    expect((await send(door.port, older(session, accept(asked['id'])))).status).toBe(202);
    expect(await said).toMatchObject({ kind: 'result' });
  });

  it('of the session by another agent who knows its id is refused', async () => {
    const session = await openSession(door.port);
    const { asked } = await callAndBeAsked(session);
    const forged = older(session, accept(asked['id']));
    const headers = { ...forged.headers, authorization: 'Bearer token-other' };
    expect((await send(door.port, { ...forged, headers })).status).toBe(404);
    cancel.abort();
    expect(await said).toEqual({ kind: 'gone' });
  });

  it('that comes after it is waited for no more is refused; the client is told so', async () => {
    const session = await openSession(door.port);
    const { asked, rest } = await callAndBeAsked(session);
    cancel.abort();
    expect(await said).toEqual({ kind: 'gone' });
    expect(await rest).toContain(
      `"method":"notifications/cancelled","params":{"requestId":"${String(asked['id'])}"`,
    );
    expect((await send(door.port, older(session, accept(asked['id'])))).status).toBe(400);
  });

  it('is none where the session ends', async () => {
    const session = await openSession(door.port);
    await callAndBeAsked(session);
    await send(door.port, { method: 'DELETE', headers: { 'mcp-session-id': session } });
    expect(await said).toEqual({ kind: 'gone' });
  });
});
