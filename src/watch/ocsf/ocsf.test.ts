import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { ENTRY_KINDS, type Entry } from '../../contract/log-entry.ts';
import { encodeEntry, leafHash, printEntry } from '../../ledger/index.ts';
import { OCSF_VERSION, ocsfOf } from './ocsf.ts';

/** What OCSF 1.8.0 requires of the classes that are used: of the base event, of each class, and their activities. */
const BASE = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const CLASSES: Readonly<
  Record<number, { readonly required: readonly string[]; readonly activities: readonly number[] }>
> = {
  2004: { required: ['finding_info'], activities: [0, 1, 2, 3, 99] },
  6002: { required: ['app'], activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99] },
  6003: { required: ['actor', 'api', 'src_endpoint'], activities: [0, 1, 2, 3, 4, 99] },
};
/** Attributes that are objects, and what each of those requires. */
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  metadata: ['product', 'version'],
  finding_info: ['title', 'uid'],
  app: ['name', 'vendor_name'],
  api: ['operation'],
  policy: ['name', 'uid'],
};

function expectShape(event: JsonObject): void {
  const { class_uid, category_uid, activity_id, type_uid, severity_id, status_id } = event;
  const known = CLASSES[Number(class_uid)];
  expect(known, `class ${class_uid}`).toBeDefined();
  for (const name of [...BASE, ...(known?.required ?? [])]) expect(event).toHaveProperty(name);
  for (const [name, required] of Object.entries(OBJECTS))
    if (name in event) for (const one of required) expect(event[name]).toHaveProperty(one);
  expect(category_uid).toBe(Math.floor(Number(class_uid) / 1000));
  expect(known?.activities).toContain(activity_id);
  expect(type_uid).toBe(Number(class_uid) * 100 + Number(activity_id));
  expect([0, 1, 2, 3, 4, 5, 6, 99]).toContain(severity_id);
  expect(Number.isSafeInteger(status_id)).toBe(true);
  // 99 is "other", and must say what.
  if (activity_id === 99) expect(event['activity_name']).toMatch(/./);
  expect(JSON.parse(JSON.stringify(event))).toEqual(event);
}

const source = {
  origin: 'lanyard/0123',
  version: '0.1.0',
  effectsOf: (operation: string) =>
    ({ 'mcp:files/move': ['update', 'delete'], 'mcp:files/look': ['read'] })[operation] ?? [],
};

function eventOf(fields: Partial<Entry>): JsonObject {
  const entry: Entry = { seq: 7, at: '2026-11-20T20:18:19.693Z', kind: 'action.decided', ...fields };
  const text = encodeEntry(entry);
  const event = ocsfOf(entry, printEntry(text, leafHash(text)), source);
  expectShape(event);
  return event;
}

describe('an entry in OCSF', () => {
  test.each(ENTRY_KINDS)('%s has the shape of its class', (kind) => {
    const event = eventOf({ kind, agent: 'writer', scope: 'all', by: 'socket' });
    expect(event['metadata']).toMatchObject({ version: OCSF_VERSION, uid: 'lanyard/0123#7', sequence: 7 });
    expect(JSON.parse(String(event['raw_data']))).toMatchObject({ kind, leaf: expect.any(String) });
    expect(event['time']).toBe(Date.parse('2026-11-20T20:18:19.693Z'));
  });

  test('of a kind yet to come has a shape as well', () => {
    for (const kind of ['action.continued', 'approval.asked', 'instance.something'])
      eventOf({ kind: kind as Entry['kind'] });
  });

  test('of a denial is a blocked API activity, with rules and targets', () => {
    const target = { type: 'Path', id: '/srv/a' };
    const event = eventOf({
      action: 'A1',
      agent: 'writer',
      owner: 'ada',
      session: 'S1',
      operation: 'mcp:files/move',
      target,
      targets: [target, { type: 'Path', id: '/srv/b' }],
      decision: 'deny',
      code: 'FORBIDDEN',
      rules: ['no-dotfiles'],
      policy: 'sha256:00',
    });
    expect(event).toMatchObject({
      class_uid: 6003,
      activity_id: 4,
      action_id: 2,
      disposition: 'Blocked',
      status_id: 2,
      status_code: 'FORBIDDEN',
      policy: { uid: 'sha256:00', name: 'no-dotfiles' },
      actor: { user: { uid: 'writer', type: 'AI agent' }, session: { uid: 'S1' } },
      unmapped: { owner: 'ada' },
      api: { operation: 'mcp:files/move', service: { name: 'files' }, request: { uid: 'A1' } },
      resources: [{ uid: '/srv/a', type: 'Path' }, { uid: '/srv/b' }],
      metadata: { correlation_uid: 'A1' },
    });
  });

  test.each([
    ['ok', 1],
    ['failed', 2],
    ['aborted', 2],
    ['unknown', 0],
  ] as const)('of an outcome %s has status %i', (outcome, status) => {
    const event = eventOf({ kind: 'action.outcome', action: 'A1', operation: 'mcp:files/look', outcome });
    expect(event).toMatchObject({ class_uid: 6003, activity_id: 2, status_id: status });
  });

  test('of a stop is a finding, and its release closes the same one', () => {
    const stopped = eventOf({ kind: 'containment.stopped', scope: 'agent:writer', level: 'frozen' });
    const released = eventOf({ kind: 'containment.released', scope: 'agent:writer' });
    expect(stopped).toMatchObject({ class_uid: 2004, activity_id: 1, is_alert: true });
    expect(released).toMatchObject({ class_uid: 2004, activity_id: 3 });
    const uidOf = ({ finding_info }: JsonObject) => (finding_info as JsonObject)['uid'];
    expect(uidOf(released)).toBe(uidOf(stopped));
  });
});
