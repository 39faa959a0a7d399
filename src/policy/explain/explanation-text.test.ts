import { expect, test } from 'vitest';
import { load, path, request } from '../sample-world.ts';
import { renderExplanation } from './explanation-text.ts';

test('an explanation reads from the answer down to each condition, control characters made harmless', () => {
  const set = load(`@id("open") @need("tests") permit (principal, action, resource);
@id("env") @review("owner") forbid (principal, action == Action::"mcp:files/write", resource)
when { resource.name like ".*" }
when { context.input.path
  != "" };
@id("etc") forbid (principal, action, resource in Path::"/etc");`);
  const text = renderExplanation(set.explain(request({ targets: [path('/srv/.env\u001b[31m')] })));
  expect(text.split('\n')).toEqual([
    'review APPROVAL_UNAVAILABLE: mcp:files/write needs a person (owner).',
    'because of env',
    'asks owner (env)',
    '',
    'Path "/srv/.env\\u001b[31m": review APPROVAL_UNAVAILABLE by env',
    '  permit open (rules.cedar:1): holds',
    '  forbid env (rules.cedar:2): holds',
    '    when { resource.name like ".*" } → true',
    '    when { context.input.path != "" } → true',
    '  forbid etc (rules.cedar:6): is about other targets (resource in Path::"/etc")',
    '  nearly decided:',
    '    forbid etc (rules.cedar:6), but for this:',
    '      the target would have to be in Path::"/etc"; it is Path::"/srv/.env\\u{1b}[31m"',
    '  it would have been allowed if',
    '    env did not hold:',
    '      `resource.name` would have to be other than like ".*"; it is ".env\\u{1b}[31m"',
  ]);
});
