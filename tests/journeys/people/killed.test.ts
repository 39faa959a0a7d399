import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround } from '../operator-ground.ts';
import { freePort, PersonAtBrowser } from '../people-ground.ts';

/** A command that waits for a person's signature while its instance is killed. */

const ground = new OperatorGround();
afterAll(() => ground.remove());

it('says in a sentence, and by its code, that the instance went', async () => {
  const port = await freePort();
  const control = `control: 127.0.0.1:${port}`;
  const people = 'people: [{ id: ada, name: Ada, roles: [admin, owner] }]';
  ground.write('lanyard.yaml', ground.configuration({ control, people }));
  const instance = await ground.up();
  const ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  expect((await ada.enrol(code)).status).toBe(200);

  const asking = ground.open('agent token writer', {});
  const printed = text(asking.stdout);
  const ended = once(asking, 'close');
  let said = '';
  const waits = new Promise<void>((resolve) => {
    asking.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('Waiting')) resolve();
    });
  });
  await waits;
  await instance.end('SIGKILL');
  const [exit] = await ended;
  expect(said).toMatch(/\nlanyard: The instance went before it had answered\.[^\n]*\n$/);
  expect({ exit, printed: await printed }).toEqual({ exit: 4, printed: '' });
});
