import { expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { loadCatalogs } from '../reading/catalog-file.ts';
import { withoutSecrets } from './secret-arguments.ts';

const loaded = loadCatalogs([
  {
    name: 'c',
    text: `catalog: c
operations:
  t: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: w, secret: [password, "login.key", "files[].content", "codes[]"] }
`,
  },
]);
const entry = loaded.ok ? loaded.value.get('c')?.operations.get('t') : undefined;

test.each<[JsonObject, JsonObject]>([
  [
    { a: 1, password: 's' },
    { a: 1, password: '[not stored]' },
  ],
  [{ password: { deep: ['s'] } }, { password: '[not stored]' }],
  [{ login: { user: 'u', key: 's' } }, { login: { user: 'u', key: '[not stored]' } }],
  [{ login: 's' }, { login: '[not stored]' }],
  [{ login: [{ key: 's' }] }, { login: '[not stored]' }],
  [
    { files: [{ path: 'p', content: 's' }, { path: 'q' }] },
    { files: [{ path: 'p', content: '[not stored]' }, { path: 'q' }] },
  ],
  [{ files: ['s'] }, { files: ['[not stored]'] }],
  [{ files: { content: 's' } }, { files: '[not stored]' }],
  [{ codes: ['s', 't'] }, { codes: ['[not stored]', '[not stored]'] }],
])('%j is stored as %j', (args, stored) => {
  expect(entry).toBeDefined();
  expect(withoutSecrets(args, entry)).toEqual(stored);
});

test('arguments without secrets, and operations without an entry, are kept as they are', () => {
  const args = { a: 1 };
  expect(withoutSecrets(args, entry)).toBe(args);
  expect(withoutSecrets({ password: 's' }, undefined)).toEqual({ password: 's' });
});
