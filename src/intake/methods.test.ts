import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sdk1 from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { dispositionOf, METHODS, type MethodRow, type Sender } from './methods.ts';

/** Extensions of 2026-07-28, which no SDK's list of the revision itself has. */
const EXTENSIONS = ['tasks/get', 'tasks/update', 'tasks/cancel', 'notifications/tasks'];

function names(filter: (row: MethodRow) => boolean): string[] {
  return [...new Set(METHODS.filter(filter).map((row) => row.method))].sort();
}

/** The source of the installed 2.x SDK: its lists of methods are not exported, so they are read where they stand. */
function sourceOfSdk2(): string {
  const folder = dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/server')));
  const source = readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .find((text) => text.includes('rev2026-07-28/registry.ts'));
  if (source === undefined)
    throw new Error('the 2.x SDK is laid out otherwise: look where its methods are now');
  return source;
}

function registryOf(source: string, revision: string): string[] {
  const region = source.split(`wire/${revision}/registry.ts`)[1]?.split('//#endregion')[0] ?? '';
  return [
    ...new Set([...region.matchAll(/^\t"?([a-zA-Z_/]+)"?: null,?$/gm)].map((match) => match[1] ?? '')),
  ].sort();
}

describe('the list is complete', () => {
  const unions: [
    Sender,
    MethodRow['kind'],
    { options: readonly { shape: { method: { value: string } } }[] },
  ][] = [
    ['client', 'request', sdk1.ClientRequestSchema],
    ['client', 'notification', sdk1.ClientNotificationSchema],
    ['server', 'request', sdk1.ServerRequestSchema],
    ['server', 'notification', sdk1.ServerNotificationSchema],
  ];
  test.each(unions)('%s %s: what SDK 1.x knows is here for 2025, and nothing else', (from, kind, union) => {
    const known = union.options.map((option) => option.shape.method.value).sort();
    expect(known.length).toBeGreaterThan(3);
    expect(names((row) => row.from === from && row.kind === kind && row['2025'] !== null)).toEqual(known);
  });

  test('what SDK 2.x knows of 2026-07-28 is here for 2026, and nothing else but the extensions', () => {
    const known = registryOf(sourceOfSdk2(), 'rev2026-07-28');
    expect(known).toContain('subscriptions/listen');
    expect(names((row) => row['2026'] !== null && !EXTENSIONS.includes(row.method))).toEqual(known);
  });

  test('what SDK 2.x knows of 2025-11-25 is here for 2025, and nothing else', () => {
    const known = registryOf(sourceOfSdk2(), 'rev2025-11-25');
    expect(known).toContain('initialize');
    expect(names((row) => row['2025'] !== null)).toEqual(known);
  });

  test('no row stands twice, and each says why', () => {
    const keys = METHODS.map((row) => `${row.from} ${row.kind} ${row.method}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const row of METHODS) {
      expect(row.why).toMatch(/^[A-Z].+\.$/);
      expect(row['2026'] !== null || row['2025'] !== null).toBe(true);
      expect(row.method.startsWith('notifications/')).toBe(row.kind === 'notification');
    }
  });
});

describe('what becomes of a message', () => {
  const request = (method: string) => ({ kind: 'request', method }) as const;
  test.each<[string, Sender, '2026' | '2025', string]>([
    ['tools/call', 'client', '2026', 'decided'],
    ['tools/call', 'client', '2025', 'decided'],
    ['tools/list', 'client', '2026', 'listed'],
    ['initialize', 'client', '2025', 'answered'],
    ['initialize', 'client', '2026', 'UNKNOWN_METHOD'],
    ['ping', 'client', '2026', 'UNKNOWN_METHOD'],
    ['server/discover', 'client', '2025', 'UNKNOWN_METHOD'],
    ['tasks/get', 'client', '2026', 'answered'],
    ['tasks/result', 'client', '2026', 'UNKNOWN_METHOD'],
    ['tasks/get', 'server', '2025', 'METHOD_REFUSED'],
    ['sampling/createMessage', 'server', '2025', 'decided'],
    ['sampling/createMessage', 'server', '2026', 'UNKNOWN_METHOD'],
    ['sampling/createMessage', 'client', '2025', 'UNKNOWN_METHOD'],
    ['tools/call', 'server', '2025', 'UNKNOWN_METHOD'],
    ['tools/Call', 'client', '2025', 'UNKNOWN_METHOD'],
    ['constructor', 'client', '2025', 'UNKNOWN_METHOD'],
    ['rpc.discover', 'client', '2025', 'UNKNOWN_METHOD'],
  ])('%s from the %s in %s: %s', (method, from, generation, expected) => {
    const answer = dispositionOf(request(method), from, generation);
    expect(answer.ok ? answer.value : answer.error.code).toBe(expected);
  });

  test('a request by the name of a notification is unknown, and the other way round', () => {
    expect(dispositionOf(request('notifications/cancelled'), 'client', '2025').ok).toBe(false);
    expect(dispositionOf({ kind: 'notification', method: 'tools/call' }, 'client', '2025').ok).toBe(false);
  });
});
