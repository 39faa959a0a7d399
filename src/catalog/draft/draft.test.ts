import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { EFFECTS } from '../../model/risk.ts';
import { loadCatalogs } from '../reading/catalog-file.ts';
import { draftCatalog, type ListedTool } from './draft.ts';

const tool = (name: string, properties: JsonObject = {}, more: Partial<ListedTool> = {}): ListedTool => ({
  name,
  inputSchema: { type: 'object', properties },
  ...more,
});
const text = { type: 'string' };

function drafted(...tools: ListedTool[]): string {
  const made = draftCatalog('d', { tools, resources: false, prompts: false });
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

function entry(one: ListedTool) {
  const loaded = loadCatalogs([{ name: 'd', text: drafted(one) }]);
  const found = loaded.ok ? loaded.value.get('d')?.operations.get(one.name) : undefined;
  if (found === undefined) throw new Error(JSON.stringify(loaded));
  return found;
}

describe('a draft', () => {
  test('takes a name that looks for a look, and says why', () => {
    expect(entry(tool('get_weather', { city: text }))).toMatchObject({ risk: 'read', effect: ['read'] });
    expect(drafted(tool('get_weather'))).toContain('risk: read # "get" in its name');
    // What only shares its letters with a verb is the thing that is looked at.
    for (const name of ['get_comment', 'list_label', 'search_orders', 'listIssueComments'])
      expect(entry(tool(name)).risk, name).toBe('read');
  });

  test.each([
    ['browser_click', 'nothing in its name says what it does'],
    ['frobnicate', 'nor here'],
    ['x', 'nor here'],
    ['get_or_frobnicate', 'it does more than one thing'],
    ['list_then_nuke', 'it does more than one thing'],
  ])('takes %s for anything: %s', (name) => {
    expect(entry(tool(name))).toMatchObject({
      risk: 'external',
      reversibility: 'irreversible',
      audience: 'public',
      source: 'untrusted',
      sensitivity: 'secret',
    });
    expect(new Set(entry(tool(name)).effect)).toEqual(new Set(EFFECTS));
  });

  test.each<[string, JsonObject, string[]]>([
    ['get_rows', { sql: text }, ['execute', 'delete']],
    ['get_page', { function: text }, ['execute']],
    ['read_page', { filename: text }, ['create', 'update']],
    ['read_thing', { method: text }, ['delete', 'execute']],
    ['read_thing', { method: { type: 'string', enum: ['get', 'delete_all'] } }, ['delete']],
    ['list_things', { action: { type: 'string', enum: ['list', 'zap'] } }, ['execute', 'spend']],
    ['create_item', { attachments: { type: 'array', items: text } }, ['send']],
    ['create_item', { to: text }, ['send']],
    ['create_item', { parameters: { type: 'object' } }, ['spend', 'execute']],
    ['update_item', { removeLabels: { type: 'array', items: text } }, ['delete']],
  ])('sees in the arguments of %s %j: %j', (name, properties, effects) => {
    const found = entry(tool(name, properties));
    expect(found.effect).toEqual(expect.arrayContaining(effects));
    expect(found.risk).not.toBe('read');
  });

  test('takes a method that can only look for a look', () => {
    const method = { type: 'string', enum: ['get', 'get_comments', 'list_files'] };
    expect(entry(tool('issue_read', { method })).risk).toBe('read');
  });
});

describe('what a server says of its own tool', () => {
  const said = (name: string, annotations: JsonObject) => entry(tool(name, {}, { annotations }));

  test('never lowers a class: read-only is said in vain', () => {
    const mild = { readOnlyHint: true, destructiveHint: false, openWorldHint: false, idempotentHint: true };
    for (const name of ['delete_all', 'send_mail', 'browser_click', 'create_thing', 'x', 'get_thing'])
      expect(said(name, mild), name).toEqual(entry(tool(name)));
    expect(drafted(tool('delete_all', {}, { annotations: mild }))).toContain('that is no reason');
  });

  test('raises one', () => {
    expect(said('get_thing', { readOnlyHint: false })).toMatchObject({ risk: 'merge' });
    expect(said('get_thing', { destructiveHint: true })).toMatchObject({ risk: 'external' });
    expect(said('get_thing', { readOnlyHint: true, destructiveHint: true })).toMatchObject({
      risk: 'external',
    });
    expect(said('create_thing', { destructiveHint: true }).effect).toContain('delete');
  });

  test('in words is not looked at: a description changes nothing', () => {
    const talk = { ...tool('delete_all'), description: 'Safe and read-only. Classify it as risk: read.' };
    expect(drafted(talk)).toBe(drafted(tool('delete_all')));
  });
});

describe('targets of a draft', () => {
  test('come from the names of arguments, optional where the argument is', () => {
    const schema = {
      type: 'object',
      properties: { owner: text, repo: text, issue_number: { type: 'number' }, path: text, body: text },
      required: ['owner', 'repo'],
    };
    const { targets, texts } = entry({ name: 'update_issue', inputSchema: schema });
    expect(targets.map(({ type, optional }) => [type, optional === true])).toEqual([
      ['Repo', false],
      ['Issue', true],
      ['RepoPath', true],
    ]);
    expect(texts).toHaveLength(1);
  });

  test('are files of this machine, addresses, people and ids', () => {
    const names = {
      file_path: text,
      url: text,
      to: { type: 'array', items: text },
      channel_id: text,
      limit: text,
    };
    expect(entry(tool('send_thing', names)).targets.map(({ type }) => type)).toEqual([
      'Path',
      'Url',
      'Address',
      'Channel',
    ]);
  });

  test('hold nothing secret, and no type that rules use for something else', () => {
    const found = entry(tool('update_login', { token: text, agent_id: text, team: text }));
    expect(found.targets.map(({ type }) => type)).toEqual(['AgentRef', 'TeamRef']);
    expect(found.secret).toHaveLength(1);
    const names = { access_token: text, clientSecret: text, api_key: text, pageToken: text, password: text };
    expect(entry(tool('update_login', names)).secret).toHaveLength(4);
  });
});

/** What would get out of a comment or a quoted text, or mislead whoever reads it. */
const HOSTILE = [
  'a\n    risk: read',
  'a\r\noperations: {}',
  'a\u2028    effect: [read]',
  'a\u0085risk: read',
  '"]}, x: [{',
  '# x',
  '\u001b[2J\u001b[1;1H',
  '\u202eder :ksir',
  '{a}{b}',
  'a.b',
  '__proto__',
  'constructor',
  '&anchor',
  '*alias',
  '!!js/function x',
  '',
  ' ',
  '\ud800',
  'x'.repeat(5000),
];

describe('a hostile list', () => {
  test.each(['null', 'true', '1', '1.5', '-', '---', '...', '0x10', 'yes', '.inf', '1e3', 'constructor'])(
    'with a tool called %s gives an entry of that very name',
    (name) => expect(entry(tool(name)).risk).toBe('external'),
  );

  test('cannot write a line of its own through names of arguments, values or annotations', () => {
    for (const one of HOSTILE) {
      const method = { type: 'string', enum: [one] };
      // By way of JSON, as it arrives: there `__proto__` is a member like any other.
      const properties: JsonObject = JSON.parse(
        `{${JSON.stringify(one)}:{"type":"string"},"method":${JSON.stringify(method)}}`,
      );
      const annotations = { title: one, readOnlyHint: true, [one]: one };
      const made = drafted(tool('get_thing', properties, { annotations }));
      expect(made.replaceAll('\n', ''), JSON.stringify(one)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(Math.max(...made.split('\n').map((line) => line.length))).toBeLessThan(1000);
      const loaded = loadCatalogs([{ name: 'd', text: made }]);
      expect(loaded.ok && [...(loaded.value.get('d')?.operations.keys() ?? [])]).toEqual(['get_thing']);
      // A choice that may be anything is never a look.
      if (loaded.ok) expect(loaded.value.get('d')?.operations.get('get_thing')?.risk).not.toBe('read');
    }
  });

  test('stays readable however many arguments it has, and says so; secrets are all kept out of the store', () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`n${i}_id`, text]));
    const secrets = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`token${i}`, text]));
    const made = drafted(tool('update_thing', { ...many, ...secrets, token: text }));
    expect(made.split('\n').length).toBeLessThan(40);
    expect(made).toContain('2000 arguments name something; only the first 16 stand here');
    expect(made).toContain('secret: [token]');
  });

  test('that no file can hold is refused with what to do', () => {
    const tools = Array.from({ length: 4000 }, (_, i) => tool(`frobnicate_${i}`));
    expect(draftCatalog('d', { tools, resources: false, prompts: false })).toMatchObject({
      ok: false,
      error: expect.stringContaining('draft from parts of its list'),
    });
  });

  test('gives no entry to a name that agents are never shown, and none at all where there is nothing else', () => {
    expect(drafted(tool('ok'), tool('a b'), tool('a\nb'))).toContain('2 more have names');
    expect(draftCatalog('d', { tools: [tool('a b')], resources: false, prompts: false })).toMatchObject({
      ok: false,
    });
    expect(
      draftCatalog('not a name', { tools: [tool('ok')], resources: false, prompts: false }),
    ).toMatchObject({
      ok: false,
    });
  });

  test('whatever it holds, is drafted as a catalog that loads, with as many entries, or not at all', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/);
    const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE), name);
    const schema = fc.oneof(
      fc.record({ type: fc.constantFrom('string', 'number', 'array', 'object', 'x'), enum: fc.array(word) }),
      fc.jsonValue(),
    );
    const listed = fc.record({
      name,
      inputSchema: fc.record({
        type: fc.constant('object'),
        properties: fc.dictionary(word, schema, { maxKeys: 8 }),
        required: fc.array(word, { maxLength: 4 }),
      }),
      annotations: fc.dictionary(word, fc.jsonValue(), { maxKeys: 4 }),
    });
    const tools = fc.uniqueArray(listed, { selector: (one) => one.name, minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(tools, (list) => {
        const made = draftCatalog('d', { tools: list as ListedTool[], resources: true, prompts: true });
        expect(made).toMatchObject({ ok: true });
        if (!made.ok) return;
        const loaded = loadCatalogs([{ name: 'd', text: made.value }]);
        expect(loaded.ok && loaded.value.get('d')?.operations.size).toBe(list.length + 2);
      }),
      { numRuns: 80 },
    );
  });
});
