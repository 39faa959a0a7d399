import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

/** Where an instance keeps its socket. */

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

describe('where things are', () => {
  it('puts the socket elsewhere when the path of the state is too long for one', async () => {
    const deep = join(ground.directory, 'd'.repeat(60), 'e'.repeat(60));
    const runtime = join(ground.directory, 'r');
    mkdirSync(runtime, { mode: 0o700 });
    ground.write('lanyard.yaml', `${ground.configuration()}state: ${deep}\n`);
    const env = { XDG_RUNTIME_DIR: runtime };
    const running = await ground.up(env);
    await running.url();
    expect(readdirSync(runtime)).toEqual([expect.stringMatching(/^lanyard-[0-9a-f]{16}\.sock$/)]);
    // Whoever asks has another environment: the place stands in the state.
    expect(await ground.run('status')).toMatchObject({ code: 0 });
    await running.end();
    expect(await ground.run('status')).toMatchObject({ code: 4 });
  });

  it('refuses a place for the socket that others may enter', async () => {
    const deep = join(ground.directory, 'd'.repeat(60), 'e'.repeat(60));
    const runtime = join(ground.directory, 'r');
    mkdirSync(runtime, { mode: 0o755 });
    ground.write('lanyard.yaml', `${ground.configuration()}state: ${deep}\n`);
    const ended = await ground.run('up', { env: { XDG_RUNTIME_DIR: runtime } });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('so no socket of Lanyard may lie there');
  });
});
