import { describe, expect, test } from 'vitest';
import { load } from './sample-world.ts';

const loaded = (text: string) => load(text);

describe('what could become of an operation, before there is a request', () => {
  test('tells what always holds from what depends on arguments and target, and leaves out what cannot apply', () => {
    const set = loaded(`
      @id("all") @need("t") permit (principal, action, resource);
      @id("money") @need("t") permit (principal in Team::"money", action, resource);
      @id("asks") @review("owner") forbid (principal, action == Action::"mcp:files/write", resource);
      @id("hidden") forbid (principal, action, resource is Path) when { resource.name like ".*" };
      @id("big") @review("role:reviewer") forbid (principal, action == Action::"mcp:bank/transfer", resource) when { context.input has to };
    `);
    expect(set.outlook('writer', 'live', 'mcp:files/write')).toEqual({
      could: true,
      permits: [{ rule: 'all', always: true }],
      forbids: [{ rule: 'hidden', always: false }],
      reviews: [{ rule: 'asks', always: true, who: 'owner' }],
    });
    expect(set.outlook('payer', 'live', 'mcp:bank/transfer')).toMatchObject({
      permits: [
        { rule: 'all', always: true },
        { rule: 'money', always: true },
      ],
      forbids: [],
      reviews: [{ rule: 'big', always: false, who: 'role:reviewer' }],
    });
  });

  test('nothing of it could be had: frozen, without an owner, unknown, or forbidden whatever is asked', () => {
    const set = loaded(`
      @id("all") @need("t") permit (principal, action, resource);
      @id("never") forbid (principal, action == Action::"mcp:files/write", resource);
    `);
    const nothing = { could: false, permits: [], forbids: [], reviews: [] };
    expect(set.outlook('writer', 'frozen', 'mcp:files/read')).toEqual(nothing);
    expect(set.outlook('orphan', 'live', 'mcp:files/read')).toEqual(nothing);
    expect(set.outlook('writer', 'live', 'mcp:files/nothing')).toEqual(nothing);
    const never = set.outlook('writer', 'live', 'mcp:files/write');
    expect(never).toMatchObject({ could: false, forbids: [{ rule: 'never', always: true }] });
  });
});
