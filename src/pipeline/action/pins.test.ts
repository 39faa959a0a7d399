import { describe, expect, test } from 'vitest';
import { Pins } from './pins.ts';

describe('what an upstream lists and nobody can call', () => {
  const tool = (name: string, schema: object) => ({ name, inputSchema: schema as never });
  const schemas = {
    plain: { type: 'object', properties: { text: { type: 'string' } } },
    fetched: { $ref: 'https://elsewhere.example/schema.json' },
    lies: { type: 'nothing' },
    twice: {
      type: 'object',
      properties: {
        a: { type: 'string', 'x-mcp-header': 'Same' },
        b: { type: 'string', 'x-mcp-header': 'same' },
      },
    },
  };
  const listed = {
    server: { name: 'box', version: '1' },
    tools: [
      ...Object.entries(schemas).map(([name, schema]) => tool(name, schema)),
      tool('no name', schemas.plain),
      { name: 'bare' },
    ],
    prompts: [],
    resources: [{ name: 'without an address' }],
    resourceTemplates: [],
  };

  test.each(['2025', '2026'] as const)('is not shown, and has its reason, in %s', (generation) => {
    const pins = new Pins();
    pins.observe('box', generation, listed);
    pins.pin('box', generation, pins.listed('box', generation)?.values() ?? []);
    expect(pins.usable('box', generation, 'tool').map(({ name }) => name)).toEqual(['plain']);
    const why = Object.fromEntries(pins.unusable('box', generation).map((one) => [one.name, one.why]));
    expect(why).toEqual({
      'no name': expect.stringContaining('its name is not of 1 to 128 letters'),
      bare: 'its inputSchema is missing',
      fetched: expect.stringContaining('cannot be checked'),
      lies: expect.stringContaining('cannot be checked'),
      twice: expect.stringContaining('two parameters share one x-mcp-header'),
    });
  });

  test('is every thing of a name that stands twice, and no more than that', () => {
    const pins = new Pins();
    const twice = {
      ...listed,
      tools: [tool('a', schemas.plain), tool('b', schemas.plain), tool('a', schemas.lies)],
      prompts: [{ name: 'a' }, { name: 'ask' }, { name: 'ask' }],
      resources: [{ uri: 'x:1' }, { uri: 'x:1' }, { uri: 'x:2' }],
      resourceTemplates: [{ uriTemplate: 'x:{n}' }, { uriTemplate: 'x:{n}', name: 'other' }],
    };
    pins.observe('box', '2025', twice);
    pins.pin('box', '2025', pins.listed('box', '2025')?.values() ?? []);
    const usable = (['tool', 'prompt', 'template'] as const).flatMap((kind) =>
      pins.usable('box', '2025', kind).map(({ name }) => `${kind} ${name}`),
    );
    expect(usable).toEqual(['tool b', 'prompt a']);
    const unusable = pins.unusable('box', '2025').map(({ kind, name, code }) => `${kind} ${name} ${code}`);
    expect(unusable).toEqual([
      'tool a LISTED_TWICE',
      'prompt ask LISTED_TWICE',
      'resource x:1 LISTED_TWICE',
      'template x:{n} LISTED_TWICE',
    ]);
    expect(pins.look('box', '2025', 'tool', 'a').status).toBe('twice');
    expect(pins.look('box', '2025', 'template', 'x:{n}').status).toBe('twice');

    // What was pinned, and stands twice since, is not as it was pinned; and what is listed once again is.
    pins.observe('box', '2025', { ...twice, tools: [tool('b', schemas.plain), tool('b', schemas.plain)] });
    expect(pins.look('box', '2025', 'tool', 'b').status).toBe('changed');
    pins.observe('box', '2025', twice);
    expect(pins.look('box', '2025', 'tool', 'b').status).toBe('pinned');
  });

  test('is all of it where there is too much to be read', () => {
    const pins = new Pins();
    const tools = Array.from({ length: 4097 }, (_, i) => tool(`t${i}`, schemas.plain));
    pins.observe('box', '2025', { ...listed, tools });
    expect(pins.usable('box', '2025', 'tool')).toEqual([]);
    expect(pins.unusable('box', '2025')).toMatchObject([{ why: expect.stringContaining('more than 4096') }]);
  });
});

describe('the generation in which a client is met', () => {
  const NOTHING = {
    server: { name: 'box', version: '1' },
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  test.each([
    ['both are pinned and spoken', ['2026', '2025'], ['2026', '2025'], '2025'],
    ['nothing is connected', ['2026', '2025'], [], '2025'],
    ['its own is given up since it was pinned', ['2026', '2025'], ['2026'], '2026'],
    ['the other one is given up', ['2026', '2025'], ['2025'], '2025'],
    ['only the other was ever there', ['2026'], ['2026'], '2026'],
    ['it was the only one, and a later version of the server has the other', ['2025'], ['2026'], '2026'],
    ['the upstream was never met', [], ['2026'], '2025'],
  ] as const)('for one of 2025 where %s', (_, pinned, spoken, met) => {
    const pins = new Pins();
    for (const generation of pinned) pins.recall('box', generation, []);
    pins.hearWith(() => spoken);
    if (pinned.length > 0) for (const generation of spoken) pins.observe('box', generation, NOTHING);
    expect(pins.generationFor('box', '2025')).toBe(met);
  });
});

describe('the pins without some upstreams', () => {
  test('still know whom they met, so that nothing of theirs is taken unseen', () => {
    const pins = new Pins();
    pins.recall('mail', '2025', []);
    pins.recall('files', '2025', []);
    const rest = pins.without(['files']);
    expect(rest.hasMet('mail')).toBe(true);
    expect(rest.hasMet('files')).toBe(false);
    expect(pins.hasMet('files')).toBe(true);
    expect(pins.with('mail', '2025', []).hasMet('mail')).toBe(true);
  });
});
