import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

/** A state that somebody has touched: nothing runs on it, what is broken is said, and nothing is repaired. */

let ground: OperatorGround;
let asItEnded: () => void;
/** An instance that did something, and has ended. */
beforeAll(async () => {
  ground = new OperatorGround();
  const running = await ground.up();
  const token = await ground.token();
  await running.call(token, 'look');
  expect(await running.end()).toBe('0');
  asItEnded = ground.keep('state');
});
beforeEach(() => asItEnded());
afterEach(() => ground.end());
afterAll(() => ground.remove());

function tamper(statement: string): void {
  const db = new DatabaseSync(join(ground.state, 'log.sqlite'));
  const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
  db.exec(statement);
  db.close();
}

const FLIP = `UPDATE entries SET text = replace(text, '"decision":"allow"', '"decision":"alloy"') WHERE seq =
  (SELECT min(seq) FROM entries WHERE text LIKE '%"decision":"allow"%')`;

describe('a log that does not hold', () => {
  it.each([
    ['its newest entry removed', 'DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)'],
    ['a forged checkpoint', `UPDATE checkpoint SET note = replace(note, 'lanyard/', 'lanyarb/')`],
    ['no checkpoint', 'DELETE FROM checkpoint'],
  ])('with %s does not start, says what and what helps, and repairs nothing', async (_, statement) => {
    tamper(statement);
    for (const _twice of [1, 2]) {
      const ended = await ground.run('up');
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/^lanyard: The log does not hold.*; nothing runs on it\.$/m);
      expect(ended.stderr).toContain('./lanyard log verify --deep');
      expect(ended.stderr).not.toMatch(/^ +at /m);
    }
    expect(await ground.run('log verify')).toMatchObject({ code: 3 });
  });

  it('is found behind the checkpoint in the background, which freezes everything', async () => {
    tamper(FLIP);
    const running = ground.launch();
    await running.says('The log does not hold from entry');
    const token = await ground.token();
    expect((await running.call(token, 'look')).text).toContain('"code":"FROZEN"');
    // With the first faulty entry, and what says more.
    expect((await ground.run('status')).stdout).toMatch(
      /^WRONG: the log does not hold from entry \d+ on; \.\/lanyard log verify --deep /,
    );
    const health = await fetch(`${await running.url()}/healthz`);
    expect(health.status).toBe(503);
    const said = (await health.json()) as object;
    expect(Object.keys(said)).toEqual(['status', 'code', 'sentence']);
    expect(said).toMatchObject({ status: 'unavailable', code: 'FAULT' });
    const released = await ground.run('release all --why nothing');
    expect(released).toMatchObject({ code: 1, stdout: '' });
    expect(released.stderr).toContain('The log does not hold from entry');
    await running.end();
    // The freeze outlasts the restart, and so does the look before a release.
    const again = await ground.up();
    expect((await again.call(token, 'look')).text).toContain('"code":"FROZEN"');
    expect(await ground.run('release all --why again')).toMatchObject({ code: 1 });
  });

  it('holds again where what was changed is put back, and is then released', async () => {
    tamper(FLIP);
    const running = ground.launch();
    await running.says('The log does not hold from entry');
    await running.end();
    tamper(`UPDATE entries SET text = replace(text, '"decision":"alloy"', '"decision":"allow"')`);
    const again = await ground.up();
    const token = await ground.token();
    expect((await again.call(token, 'look')).text).toContain('"code":"FROZEN"');
    expect(await ground.run('release all --why mended')).toMatchObject({
      code: 0,
      stdout: 'all was frozen and is released\n',
    });
    expect((await again.call(token, 'look')).text).toContain('done');
  });
});

describe('the key', () => {
  it('that is gone stops a start, while the log can still be read', async () => {
    rmSync(join(ground.state, 'checkpoint.key'));
    const ended = await ground.run('up');
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^lanyard: the checkpoint key .* is gone while the log is there; put it back/,
    );
    expect(await ground.run('log show')).toMatchObject({ code: 0, stderr: '' });
    expect(await ground.run('log verify')).toMatchObject({ code: 1 });
  });

  it('that signed a log which is gone stops a start, and signs no other one', async () => {
    const log = join(ground.state, 'log.sqlite');
    for (const lose of [() => rmSync(log), () => writeFileSync(log, '')]) {
      for (const name of readdirSync(ground.state).filter((name) => name.startsWith('log.sqlite')))
        if (name !== 'log.sqlite') rmSync(join(ground.state, name));
      lose();
      const ended = await ground.run('up');
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/^lanyard: the log .* is gone while the key that signed it .* is there; /);
    }
  });

  it('of a first start that was cut off before there was a log is the one it goes on with', async () => {
    const key = join(ground.state, 'checkpoint.key');
    const text = readFileSync(key, 'utf8');
    for (const name of readdirSync(ground.state)) rmSync(join(ground.state, name), { recursive: true });
    ground.write('state/checkpoint.key.new', text);
    await (await ground.up()).end();
    expect(readFileSync(key, 'utf8')).toBe(text);
    // Half a key signed nothing.
    for (const name of readdirSync(ground.state)) rmSync(join(ground.state, name), { recursive: true });
    ground.write('state/checkpoint.key.new', text.slice(0, 30));
    await (await ground.up()).end();
    expect(readFileSync(key, 'utf8')).not.toBe(text);
  });

  it('of another instance is no key for this log', async () => {
    const other = new OperatorGround();
    try {
      await (await other.up()).end();
      ground.write('state/checkpoint.key', other.read('state/checkpoint.key'));
    } finally {
      await other.remove();
    }
    const ended = await ground.run('up');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('The log does not hold');
  });
});
