import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { readCompletion } from './completion.ts';

const PROMPT = { type: 'ref/prompt', name: 'greet' };
const TEMPLATE = { type: 'ref/resource', uri: 'db://{env}/{table}{?page}' };
const argument = { name: 'table', value: 'us' };

function told(params: JsonObject): string {
  const read = readCompletion(params);
  return read.ok ? 'ok' : `${read.error.code}: ${read.error.sentence}`;
}

describe('completions', () => {
  test('of a prompt are attempts at the prompt with the arguments known so far', () => {
    const context = { arguments: { tone: 'warm' } };
    const params = { ref: PROMPT, argument: { name: 'who', value: 'a' }, context };
    expect(readCompletion(params, 'greet')).toEqual({
      ok: true,
      value: {
        method: 'prompts/get',
        name: 'greet',
        arguments: { tone: 'warm', who: 'a' },
        sentAs: { method: 'completion/complete', params },
      },
    });
  });

  test('of a template are reads of what it names so far', () => {
    const uriOf = (uri: string, others: JsonObject = {}, value = 'us') => {
      const ref = { type: 'ref/resource', uri };
      const read = readCompletion({
        ref,
        argument: { name: 'table', value },
        context: { arguments: others },
      });
      return read.ok ? read.value.arguments : read.error;
    };
    expect(uriOf('db://{env}/{table}{?page}')).toEqual({ uri: 'db://{env}/us{?page}' });
    expect(uriOf('db://{env}/{table}{?page}', { env: 'prod' })).toEqual({ uri: 'db://prod/us{?page}' });
    expect(uriOf('db://{env}/{table}{?page}', { env: 'prod', page: '2' })).toEqual({
      uri: 'db://prod/us?page=2',
    });
    expect(uriOf('file:///srv/w/{+table}', {}, '../../etc/pass')).toEqual({
      uri: 'file:///srv/w/../../etc/pass',
    });
    expect(uriOf('a:{/table,env}{;table}{table:3}', { env: 'x' })).toEqual({ uri: 'a:/us/x;table=usus' });
    expect(uriOf('note://one')).toEqual({ uri: 'note://one' });
    expect(uriOf('db://{table}', {}, 'a\nb')).toMatchObject({ code: 'BAD_PARAMS' });
    expect(uriOf('db://{table}', {}, 'x'.repeat(9000))).toMatchObject({ code: 'BAD_PARAMS' });
  });

  test('send nothing but what was read', () => {
    const read = readCompletion({ ref: { ...PROMPT, title: 'Hello' }, argument, context: {} });
    expect(read).toMatchObject({
      value: { sentAs: { params: { ref: PROMPT, argument } } },
    });
    expect(
      read.ok &&
        Object.keys(read.value.sentAs?.method === 'completion/complete' ? read.value.sentAs.params : {}),
    ).toEqual(['ref', 'argument']);
  });

  test.each<[string, JsonObject]>([
    ['no ref', { argument }],
    ['another kind of ref', { ref: { type: 'ref/tool', name: 'x' }, argument }],
    ['a prompt without a name', { ref: { type: 'ref/prompt' }, argument }],
    ['a ref of both kinds', { ref: { ...PROMPT, uri: 'note://one' }, argument }],
    ['a template that is none', { ref: { type: 'ref/resource', uri: 7 }, argument }],
    ['no argument', { ref: TEMPLATE }],
    ['an argument without a value', { ref: TEMPLATE, argument: { name: 'table' } }],
    ['an argument with more', { ref: TEMPLATE, argument: { ...argument, kind: 'x' } }],
    ['other arguments that are no texts', { ref: TEMPLATE, argument, context: { arguments: { env: 1 } } }],
    ['a context with more', { ref: TEMPLATE, argument, context: { user: 'x' } }],
  ])('are refused with %s', (_, params) => {
    expect(told(params)).toMatch(/^BAD_PARAMS: /);
  });

  test('name no argument that a rule would read as something else', () => {
    expect(told({ ref: PROMPT, argument: { name: '__entity', value: 'x' } })).toMatch(/^RESERVED_KEY/);
  });

  test('of a template do not grow with what it names over and over', () => {
    const ref = { type: 'ref/resource', uri: `file:///${'{a}'.repeat(2700)}` };
    expect(told({ ref, argument: { name: 'a', value: 'я'.repeat(2_000_000) } })).toContain(
      'comes out as no URI',
    );
    expect(told({ ref, argument: { name: 'a', value: 'я'.repeat(8000) } })).toContain('comes out as no URI');
  });
});
