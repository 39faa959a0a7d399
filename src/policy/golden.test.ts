import { expect, test } from 'vitest';
import { err, ok } from '../base/result.ts';
import { type GoldenGround, runGolden } from './golden.ts';
import { path, plain, WORLD } from './sample-world.ts';

const ground: GoldenGround = {
  files: [
    {
      name: 'packs/base/open.cedar',
      text: '@id("open") @need("tests") permit (principal, action, resource);',
    },
    {
      name: 'payments.cedar',
      text: `@id("limit-500") @review("role:reviewer")
forbid (principal, action == Action::"mcp:bank/transfer", resource) when { context.input.amount.greaterThan(decimal("500.0")) };
@id("env") @reason("Secrets.") forbid (principal, action, resource is Path) when { resource.name like ".*" };`,
    },
  ],
  world: WORLD,
  targetsOf: (operation, args, named) => {
    if (named.length > 0) return ok(named.map(({ id }) => path(id)));
    if (operation.startsWith('mcp:bank/')) return ok([plain('bank')]);
    return typeof args['path'] === 'string' ? ok([path(args['path'])]) : err('there is no path');
  },
};

const failures = (text: string) =>
  runGolden(text, ground).flatMap(({ ok: held, title, line, differences }) =>
    held ? [] : [`${line} ${title}: ${differences.join('; ')}`],
  );

test('cases that hold', () => {
  const text = `# a payment above the limit asks a person
policy  payments.cedar open.cedar
agent   payer
action  mcp:bank/transfer {"amount": 900}
----------
review role:reviewer
because payments.cedar#limit-500

# a small one does not
agent   payer
action  mcp:bank/transfer {"amount": 5}
---
allow
because open
# secrets stay
agent writer
action mcp:files/write {"path": "/x"}
target Path /srv/.env
target Path /srv/a b
---
deny FORBIDDEN
because env
agent writer
level watched
action mcp:files/write {"path": "/srv/a"}
---
review owner
because lanyard:watched
# without the permit nothing goes
policy payments.cedar
agent writer
action mcp:files/write {"path": "/srv/a"}
---
deny NO_PERMIT
`;
  const results = runGolden(text, ground);
  expect(results.map(({ ok: held }) => held)).toEqual([true, true, true, true, true]);
  expect(results.map(({ title }) => title)).toEqual([
    'a payment above the limit asks a person',
    'a small one does not',
    'secrets stay',
    '',
    'without the permit nothing goes',
  ]);
});

test.each([
  [
    'agent payer\naction mcp:bank/transfer {"amount": 900}\n---\nallow',
    'expected allow; found    review role:reviewer',
  ],
  [
    'agent payer\naction mcp:bank/transfer {"amount": 900}\n---\nreview owner',
    'expected review owner; found    review role:reviewer',
  ],
  [
    'agent writer\naction mcp:files/write {"path":"/.env"}\n---\ndeny\nbecause open',
    'expected because open; found    because env',
  ],
  [
    'agent writer\naction mcp:files/write {"path":"/.env"}\n---\ndeny\nbecause open.cedar#env',
    'expected because open.cedar#env',
  ],
  [
    'agent writer\naction mcp:files/write {"path":"/.env"}\n---\ndeny NO_PERMIT',
    'expected deny NO_PERMIT; found    deny FORBIDDEN',
  ],
  [
    'agent writer\naction mcp:files/write {"path":"/.env"}\n---\ndeny NO_PERMT',
    'there is no code "NO_PERMT"; did you mean "NO_PERMIT"?',
  ],
  ['agent wrter\naction mcp:files/write {"path":"/a"}\n---\nallow', 'did you mean "writer"?'],
  ['agent writer\naction mcp:files/wrte {"path":"/a"}\n---\nallow', 'did you mean "mcp:files/write"?'],
  ['agent writer\naction mcp:files/write\n---\nallow', 'there is no path'],
  ['agent writer\naction mcp:files/write {"path":\n---\nallow', 'not valid JSON'],
  ['agent writer\n---\nallow', 'this case has no action'],
  ['agent writer\naction mcp:files/write {}', 'this case has no answer below dashes'],
  ['agnet writer\n---\nallow', '"agnet" is no line of a case here'],
  ['agent writer\naction mcp:files/write {}\n---\nallow\nalow', '"alow" is no line of a case here'],
  [
    'policy nope.cedar\nagent writer\naction mcp:files/write {"path":"/a"}\n---\nallow',
    'there is no file of rules "nope.cedar"',
  ],
  ['# nothing', 'there is no case in this file'],
])('a case that does not hold says why: %s', (text, expected) => {
  expect(failures(text).join('\n')).toContain(expected);
});
