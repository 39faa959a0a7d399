import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import type { Call, OperationEntry, ParentTemplate } from '../../src/catalog/entry.ts';
import { loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { resolveTargets } from '../../src/catalog/targets/targets.ts';
import { type Field, referencesOf } from '../../src/catalog/targets/template.ts';
import { CLASSES } from './classes.ts';
import { loadShipped, PACKS, packNames, readShippedPack } from './pack-world.ts';
import { factNames, isRequired, readToolFacts, schemaAt } from './tool-facts.ts';

const packs = packNames().map(readShippedPack);
const catalogs = loadShipped(packs);

const WORDS = ['risk', 'effect', 'reversibility', 'audience', 'worst', 'source', 'sensitivity'];

/** How many operations there are of each word, as `read 12`. */
function countWords(entries: readonly OperationEntry[], word: keyof OperationEntry): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const entry of entries)
    for (const value of [entry[word]].flat().map(String)) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** The ways into the arguments that a target is made of; elements of a list are `[]`. */
function pathsOf(template: ParentTemplate, each: readonly string[] | undefined): string[][] {
  const own = referencesOf(template.id).map(({ of, path }) =>
    of === 'element' ? [...(each ?? []), '[]', ...path] : [...path],
  );
  return [...own, ...template.parents.flatMap((parent) => pathsOf(parent, each))];
}

const fieldPath = ({ steps }: Field): string[] =>
  steps.flatMap(({ name, each }) => (each ? [name, '[]'] : [name]));

/** The arguments that are spoken of beside targets: texts, people, money, secrets, and what state and undo are made of. */
function otherPaths(entry: OperationEntry): string[][] {
  const { texts, people, secret, amount, state, undo } = entry;
  const made = (call: Call | undefined) =>
    Object.values(call?.arguments ?? {}).flatMap((template) =>
      referencesOf(template).map(({ path }) => [...path]),
    );
  const money =
    amount === undefined
      ? []
      : [fieldPath(amount.value), ...referencesOf(amount.currency).map((one) => [...one.path])];
  return [...[...texts, ...people, ...secret].map(fieldPath), ...money, ...made(state), ...made(undo)];
}

test('the packs that come with Lanyard load together', () => {
  expect(packNames()).toEqual([
    'atlassian',
    'breakers',
    'github',
    'gmail',
    'linear',
    'playwright',
    'postgres',
    'slack',
    'starter',
    'stripe',
    'triggers',
  ]);
  for (const pack of packs) expect(loadCatalogs(pack.catalog)).toMatchObject({ ok: true });
});

test('every catalog but those of the demo has its facts', () => {
  const demo = ['forge', 'publisher', 'websearch'];
  const names = packs.flatMap(({ catalog }) =>
    catalog.map(({ name }) => name.slice('catalog/'.length, -'.yaml'.length)),
  );
  expect(names.filter((name) => !demo.includes(name)).sort()).toEqual(factNames().sort());
});

/** Without this argument the server chooses an address by itself: what no rule could see is denied (TARGET_UNKNOWN). */
const CHOSEN_BY_THE_SERVER = new Set(['everything gzip-file-as-resource']);

describe.each(factNames())('the catalog %s', (name) => {
  const facts = readToolFacts(name);
  const catalog = catalogs.get(name);
  const entries = [...(catalog?.operations ?? [])];
  const schemas = new Map(facts.tools.map((tool) => [tool.name, tool.inputSchema]));
  const schemaOf = (operation: string) =>
    operation === 'resources/read'
      ? { type: 'object', properties: { uri: { type: 'string' } }, required: ['uri'] }
      : schemas.get(operation);

  test('has an entry for every tool of the server, and none beyond', () => {
    const tools = entries.map(([operation]) => operation).filter((operation) => !operation.includes('/'));
    expect(tools.toSorted()).toEqual(facts.tools.map((tool) => tool.name).toSorted());
  });

  test('says everything itself: nothing is left to what an absent word means', () => {
    const pack = packs.find((one) => one.catalog.some((file) => file.name === `catalog/${name}.yaml`));
    const text = readFileSync(join(PACKS, pack?.name ?? '', 'catalog', `${name}.yaml`), 'utf8');
    for (const [operation, written] of Object.entries<object>(parse(text).operations))
      expect(Object.keys(written), operation).toEqual(expect.arrayContaining(WORDS));
    // Where the list comes from, at the top, for whoever reads it a year from now.
    expect(text).toMatch(/^# What .*can do/);
    expect(text.split('\ncatalog:')[0]).toMatch(/version|commit|20\d\d/);
  });

  test('says the worst in one sentence', () => {
    for (const [operation, { worst }] of entries) {
      expect(worst, operation).toMatch(/^[A-Z][^.\n]{10,139}[^.\n]$/);
    }
  });

  test('makes targets of arguments that the tool has', () => {
    for (const [operation, { targets }] of entries) {
      for (const target of targets) {
        for (const path of pathsOf(target, target.each))
          expect(schemaAt(schemaOf(operation), path), `${operation}: ${path.join('.')}`).toBeDefined();
      }
    }
  });

  test('has optional targets where the argument is optional, and nowhere else', () => {
    for (const [operation, { targets }] of entries) {
      for (const target of targets) {
        const first = [
          ...pathsOf({ ...target, parents: [] }, target.each).map(([argument]) => argument ?? ''),
          ...(target.each === undefined ? [] : [target.each[0] ?? '']),
        ];
        const isSure = first.every((argument) => isRequired(schemaOf(operation), argument));
        if (!isSure && CHOSEN_BY_THE_SERVER.has(`${name} ${operation}`)) continue;
        expect(target.optional !== true, `${operation}: ${target.type} of ${first.join()}`).toBe(isSure);
      }
    }
  });

  test('speaks of arguments that the tool has', () => {
    for (const [operation, entry] of entries) {
      for (const path of otherPaths(entry)) {
        const known = schemaAt(schemaOf(operation), path) ?? schemaAt(schemaOf(operation), path.slice(0, 1));
        expect(known, `${operation}: ${path.join('.')}`).toBeDefined();
      }
      for (const call of [entry.state, entry.undo]) {
        if (call === undefined) continue;
        const given = Object.keys(call.arguments);
        for (const argument of given)
          expect(schemaAt(schemaOf(call.operation), [argument]), `${operation}: ${argument}`).toBeDefined();
      }
    }
  });

  test('lets nothing be a mere read that its server calls destructive', () => {
    for (const { name: tool, annotations } of facts.tools) {
      if (annotations?.['destructiveHint'] !== true) continue;
      expect(catalog?.operations.get(tool)?.risk, tool).not.toBe('read');
    }
  });

  test('has as many operations of each class as when somebody last thought about it', () => {
    const values = entries.map(([, entry]) => entry);
    expect({
      risk: countWords(values, 'risk'),
      effect: countWords(values, 'effect'),
      reversibility: countWords(values, 'reversibility'),
      audience: countWords(values, 'audience'),
      source: countWords(values, 'source'),
      sensitivity: countWords(values, 'sensitivity'),
    }).toEqual(CLASSES[name]);
  });
});

test('a repository that GitHub is told beside the first is a target as well, whichever half of it is named', () => {
  const operations = catalogs.get('github')?.operations;
  const place = { upstream: 'github', roots: [], cwd: '/' };
  const files = { realpath: () => null, present: () => false, names: () => null };
  const reposOf = (name: string, more: JsonObject) => {
    const args = { owner: 'octo', repo: 'sandbox', issue_number: 1, project_number: 1, ...more };
    const call = { agent: 'a', session: 's', token: null, door: 'mcp', upstream: 'github' } as const;
    const attempt = { ...call, method: 'tools/call', name, arguments: args } as const;
    const found = resolveTargets(operations?.get(name), attempt, place, files);
    if (!found.ok) throw new Error(found.error.sentence);
    return found.value.targets.flatMap(({ type, id }) => (type === 'Repo' ? [id] : []));
  };
  const beside = readToolFacts('github').tools.flatMap(({ name, inputSchema }) =>
    Object.keys(isJsonObject(inputSchema?.['properties']) ? inputSchema['properties'] : {}).flatMap(
      (argument) => {
        const prefix = /^(\w+)_repo$/.exec(argument)?.[1];
        return prefix === undefined ? [] : [[name, prefix] as const];
      },
    ),
  );
  expect(beside).toEqual([
    ['issue_write', 'parent'],
    ['projects_write', 'item'],
    ['issue_dependency_write', 'related'],
  ]);
  for (const [name, prefix] of beside) {
    const both = { [`${prefix}_owner`]: 'other', [`${prefix}_repo`]: 'Production' };
    expect(reposOf(name, both), name).toContain('other/production');
    // An item of a project is named whole, or not at all.
    if (prefix === 'item') continue;
    expect(reposOf(name, { [`${prefix}_repo`]: 'production' }), name).toContain('octo/production');
    expect(reposOf(name, { [`${prefix}_owner`]: 'other' }), name).toContain('other/sandbox');
  }
});
