import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { openNotifying } from '../../src/main/watching/notifying.ts';
import { askingHouse, seenIn } from '../faults/asking.ts';
import { approve, deny, enrol, question } from '../faults/people.ts';
import { removeDirectory, type TestHouse } from '../faults/test-house.ts';
import { Endpoint } from './endpoint.ts';
import { asked, ReachGround } from './ground.ts';

describe('whoever becomes one of those whom a question asks, while it waits', () => {
  let ground: ReachGround;
  beforeEach(async () => {
    ground = await ReachGround.open();
  });
  afterEach(() => ground.close());

  test('is told of it, and nobody is told twice', async () => {
    await ground.record(asked('q1'));
    await ground.record(asked('q2'));
    await ground.settled();
    await ground.later(LIMITS.noticeGapMs);
    expect(new Set(ground.reached())).toEqual(new Set(['ada/ntfy']));
    ground.mayAnswer.set('q1', ['ada', 'root']);
    await ground.settled();
    expect(ground.reached()).toEqual(['root/ntfy']);
    expect((await ground.entries('notice.sent')).at(-1)).toMatchObject({ person: 'root', matters: ['q1'] });
    await ground.later(LIMITS.noticeGapMs);
    expect(ground.reached()).toEqual([]);
  });

  test('is told again where she was told of it as of one that others answer', async () => {
    await ground.record(asked('q1'));
    await ground.settled();
    await ground.later(5 * 60_000);
    expect(ground.endpoint.arrived.splice(0).at(-1)).toMatchObject({
      path: '/grace/ntfy',
      headers: { title: 'Lanyard: a question waits for ada' },
    });
    ground.mayAnswer.set('q1', ['ada', 'grace']);
    await ground.later(LIMITS.noticeGapMs);
    expect(ground.endpoint.arrived.splice(0)).toMatchObject([
      { path: '/grace/ntfy', headers: { title: 'Lanyard: a question waits for you' } },
    ]);
  });

  test('is told after a restart too, and whoever may answer no more is not', async () => {
    ground.channels('grace', ['ntfy'], { from: 12 * 60, to: 12 * 60 + 10, zone: 'UTC' });
    await ground.record(asked('q1', { people: ['ada', 'grace'] }));
    await ground.settled();
    ground.reached();
    ground.mayAnswer.set('q1', ['ada', 'root']);
    await ground.restart();
    await ground.settled();
    expect(ground.reached()).toEqual(['root/ntfy']);
    expect(ground.notifier.matters.open.get('q1')).toMatchObject({ people: ['ada', 'root'] });
  });
});

describe('a reviewer who enrols while two are asked', () => {
  let endpoint: Endpoint;
  let house: TestHouse;
  beforeEach(async () => {
    endpoint = new Endpoint();
    const at = await endpoint.listen();
    const people = ['alan', 'grace'].map((id) => `    ${id}: { channels: [{ ntfy: "${at}/${id}" }] }`);
    const configuration = `approvals: { hold: 0s }
notify:
  role: admin
  people:
${people.join('\n')}
`;
    house = await askingHouse({ unclaimed: true }, { configuration });
    await enrol(house, 'ada', 'alan');
  });
  afterEach(async () => {
    await house.close();
    await endpoint.close();
    removeDirectory(house.directory);
  });

  test('finds it in the inbox and hears of it, beside her inviter too: her no counts, her yes does not', async () => {
    const notifying = openNotifying(house.house, house.directory);
    const { notifier } = notifying;
    const { inbox } = notifying.operations(house.house);
    await house.act('mixed', { text: 'hello' });
    expect(await approve(house, 'alan')).toMatchObject({ ok: true, value: { value: { state: 'open' } } });
    await notifier.settled();
    expect(await inbox()).toMatchObject({ approvals: [{ people: ['alan'] }] });
    expect(endpoint.arrived).toEqual([]);

    await enrol(house, 'ada', 'grace');
    const [passkey] = house.house.passkeys.of('grace');
    if (passkey === undefined) throw new Error('grace has no passkey');
    house.house.passkeys.put({ ...passkey, invitedBy: ['alan'] });
    await notifier.settled();
    expect(endpoint.only()).toMatchObject({
      path: '/grace',
      headers: { title: 'Lanyard: a question waits for you' },
    });
    expect(await inbox()).toMatchObject({ approvals: [{ people: ['grace', 'alan'] }] });
    expect(await approve(house, 'grace')).toMatchObject({ ok: true, value: { value: { state: 'open' } } });
    const [kept] = house.rooms.approvals.all();
    expect(await deny(house, 'grace', kept)).toMatchObject({ ok: true });
    expect(question(house).approval.phase).toBe('denied');
    expect(await seenIn(house, 'notice.')).toMatchObject([{ kind: 'notice.sent', person: 'grace' }]);
    await notifier.stop();
  });
});
