import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { parseJson } from '../base/json-text.ts';
import { LIMITS } from '../base/limits.ts';
import { type Evaluation, readEvaluation, readEvaluations, readReport, SEMANTICS } from './check.ts';

const QUESTION: JsonObject = {
  subject: { type: 'Agent', id: 'writer' },
  action: { name: 'mcp:files/read_file' },
  resource: { type: 'Path', id: 'a.txt' },
  context: { input: { path: 'a.txt' }, session: 's' },
};
const READ: Evaluation = {
  agent: 'writer',
  session: 's',
  attempt: { upstream: 'files', method: 'tools/call', name: 'read_file', arguments: { path: 'a.txt' } },
  resource: { type: 'Path', id: 'a.txt' },
};

/** Any JSON, as it comes out of the strict reader. */
const anyJson = fc.json({ maxDepth: 4 }).map((text): Json => {
  const read = parseJson(Buffer.from(text));
  return read.ok ? read.value : null;
});
/** Members that mean nothing here; `type`, `id`, `name`, `properties` and the members of a request do. */
const unknownMembers = fc
  .dictionary(
    fc.string().map((name) => `x-${name}`),
    anyJson,
  )
  .filter((members) => !Object.keys(members).some((key) => /system/i.test(key.normalize('NFKC'))));

const codeOf = (request: Json): string => {
  const read = readEvaluation(request);
  return read.ok ? 'ok' : read.error.code;
};

describe('an evaluation', () => {
  test('is read, whatever else stands in it', () => {
    fc.assert(
      fc.property(unknownMembers, unknownMembers, unknownMembers, (top, inside, context) => {
        const request = {
          ...top,
          ...QUESTION,
          subject: { ...inside, type: 'Agent', id: 'writer', properties: inside },
          action: { ...inside, name: 'mcp:files/read_file' },
          resource: { ...inside, type: 'Path', id: 'a.txt' },
          context: { ...context, input: { path: 'a.txt' }, session: 's' },
        };
        expect(readEvaluation(request)).toEqual({ ok: true, value: READ });
      }),
    );
  });

  test('is refused with a code where it is none, and never met by an exception', () => {
    const part = fc.oneof(anyJson, fc.constantFrom(...Object.values(QUESTION)));
    const request = fc.oneof(
      anyJson,
      fc.record({ subject: part, action: part, resource: part, context: part }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(request, (value: Json) => {
        const read = readEvaluation(value);
        if (!read.ok) expect(read.error.sentence).not.toMatch(/\{\w+\}/);
        else expect(Object.keys(read.value.attempt)).not.toContain('session');
      }),
    );
  });

  test.each(['subject', 'action', 'resource'])('needs its %s', (member) => {
    const { [member]: _, ...rest } = QUESTION;
    expect(codeOf(rest)).toBe('BAD_REQUEST');
    expect(codeOf({ ...QUESTION, [member]: null })).toBe('BAD_REQUEST');
  });

  test('needs no context', () => {
    const { context: _, ...rest } = QUESTION;
    expect(readEvaluation(rest)).toMatchObject({ ok: true, value: { attempt: { arguments: {} } } });
  });

  test('names a resource or a prompt as MCP does', () => {
    const ask = (leaf: string, input: JsonObject) =>
      readEvaluation({ ...QUESTION, action: { name: `mcp:files/${leaf}` }, context: { input } });
    expect(ask('resources/read', { uri: 'file:///a' })).toMatchObject({
      ok: true,
      value: { attempt: { method: 'resources/read', name: 'file:///a', arguments: { uri: 'file:///a' } } },
    });
    expect(ask('prompts/get', { name: 'greet', arguments: { who: 'x' } })).toMatchObject({
      ok: true,
      value: { attempt: { method: 'prompts/get', name: 'greet', arguments: { who: 'x' } } },
    });
    expect(ask('resources/read', {})).toMatchObject({ ok: false, error: { code: 'BAD_PARAMS' } });
    expect(ask('prompts/get', { name: 'greet', more: 1 })).toMatchObject({ ok: false });
  });

  test('never sets context.system, in whatever spelling; a word that merely begins so is no spelling', () => {
    const spelling = fc
      .tuple(
        fc.constantFrom('system', 'SYSTEM', 'System', 'ｓｙｓｔｅｍ', 's\u200bystem', 'sy\u0301stem'),
        fc.constantFrom('', 'context.', 'context/', 'context["', ' ', '.'),
        fc.constantFrom('', '.now', '"]', ' ', '/door', '[0]'),
      )
      .map(([word, before, after]) => `${before}${word}${after}`);
    fc.assert(
      fc.property(spelling, anyJson, (key, value) => {
        expect(codeOf({ ...QUESTION, context: { input: {}, [key]: value } })).toBe('SYSTEM_CONTEXT');
        expect(codeOf({ ...QUESTION, [key]: value })).toBe('SYSTEM_CONTEXT');
      }),
    );
    for (const key of ['system_prompt', 'systemd', 'subsystem', 'system-id', 'file.system'])
      expect([key, codeOf({ ...QUESTION, context: { input: { path: 'a' }, [key]: 1 } })]).toEqual([
        key,
        'ok',
      ]);
    expect(codeOf({ ...QUESTION, context: { input: { system: 'an argument of that name' } } })).toBe('ok');
  });
});

describe('many evaluations', () => {
  const members = fc.record(
    { subject: anyJson, action: anyJson, resource: anyJson, context: anyJson },
    { requiredKeys: [] },
  );

  test('each have the defaults that they do not give themselves, and whole ones', () => {
    fc.assert(
      fc.property(members, fc.array(members, { minLength: 1, maxLength: 5 }), (defaults, items) => {
        const read = readEvaluations({ ...defaults, evaluations: items } as JsonObject);
        if (!read.ok) expect(read.error.code).toBe('SYSTEM_CONTEXT');
        else expect(read.value?.items).toEqual(items.map((item) => ({ ...defaults, ...item })));
      }),
    );
  });

  test('are asked in one of three ways, or refused', () => {
    for (const semantic of SEMANTICS)
      expect(
        readEvaluations({ options: { evaluations_semantic: semantic }, evaluations: [{}] }),
      ).toMatchObject({ ok: true, value: { semantic } });
    expect(readEvaluations({ options: { other: 1 }, evaluations: [{}] })).toMatchObject({
      ok: true,
      value: { semantic: 'execute_all' },
    });
    for (const options of [
      { evaluations_semantic: 'any' },
      { evaluations_semantic: null },
      [],
      null,
      'execute_all',
    ])
      expect(readEvaluations({ options, evaluations: [{}] })).toMatchObject({ ok: false });
  });

  test('are so many at most, and none is one', () => {
    const of = (count: number) => readEvaluations({ evaluations: Array.from({ length: count }, () => ({})) });
    expect(of(LIMITS.evaluationsPerRequest)).toMatchObject({ ok: true });
    expect(of(LIMITS.evaluationsPerRequest + 1)).toMatchObject({ error: { code: 'TOO_MANY_EVALUATIONS' } });
    expect([of(0), readEvaluations({})]).toEqual([
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
  });
});

describe('an outcome', () => {
  test('is one of four', () => {
    for (const outcome of ['ok', 'failed', 'aborted', 'unknown'])
      expect(readReport({ action: 'a', outcome, more: 1 })).toEqual({
        ok: true,
        value: { action: 'a', outcome },
      });
    fc.assert(
      fc.property(anyJson, (value) => {
        const read = readReport(value);
        if (!read.ok) expect(read.error.code).toBe('BAD_REQUEST');
      }),
    );
    expect(readReport({ action: 'a', outcome: 'allowed' })).toMatchObject({ ok: false });
    expect(readReport({ action: 7, outcome: 'ok' })).toMatchObject({ ok: false });
  });
});
