import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutsideGround } from '../stop/outside-ground.ts';

/** An entry whose time somebody broke: what is wrong can still be looked at, by whoever is signed in. */

let outside: OutsideGround;
beforeAll(async () => {
  outside = await OutsideGround.open();
});
afterAll(() => outside?.ground.remove());

it('a log whose entry tells no time any more freezes everything, and Now says from which entry on it does not hold', async () => {
  expect(await outside.running.end()).toBe('0');
  const db = new DatabaseSync(join(outside.ground.state, 'log.sqlite'));
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    db.exec(`DROP TRIGGER "${String(name)}"`);
  const { changes } = db
    .prepare(
      `UPDATE entries SET text = replace(text, '"at":"', '"at":"x') WHERE text LIKE '%"kind":"person.enrolled"%'`,
    )
    .run();
  db.close();
  expect(changes).toBe(1);
  const running = outside.ground.launch();
  await running.says('The log does not hold from entry');
  await running.url();
  expect((await outside.ada.signIn()).status).toBe(200);
  const seen = await outside.ada.get('/v1/overview');
  expect(seen.status).toBe(200);
  expect(JSON.stringify(seen.body.troubles)).toMatch(/the log does not hold from entry \d+ on; /);
  expect(seen.body.halted).toContainEqual({ scope: 'all', level: 'frozen' });
});
