import { CanaryAgent, SURFACES } from '../agent.ts';
import type { Check, Sight } from '../check.ts';
import { arrivalsDuring } from '../laboratory.ts';
import { wordsOf } from '../said.ts';
import type { LaboratoryScene } from '../scene.ts';
import { judgeStopped, mustNotPass, mustPass } from '../tries.ts';

const FIRST = 'HTTP, 2026-07-28';

export const configuredLevel: Check<LaboratoryScene> = {
  id: 'level-configured',
  control: 'An agent that is configured frozen does nothing',
  run: ({ still, web }) =>
    Promise.all([
      mustNotPass(
        'called as the frozen agent',
        { agent: still, surface: FIRST, server: web, tool: 'look', args: {} },
        ['FROZEN'],
      ),
    ]),
};

export const frozen: Check<LaboratoryScene> = {
  id: 'level-frozen',
  control: 'A stop holds, on every surface, until it is released',
  async run({ sibling, canary, web, pipe }) {
    const sights: Sight[] = [];
    await sibling.tell('POST /v1/stop', { scope: 'agent:canary', level: 'frozen' });
    for (const server of [web, pipe])
      for (const surface of SURFACES) {
        const call = { agent: canary, surface, server, tool: 'look', args: {} } as const;
        sights.push(await mustNotPass('called after a stop', call, ['FROZEN']));
      }
    await sibling.tell('POST /v1/release', { scope: 'agent:canary', why: 'doctor goes on' });
    const call = { agent: canary, surface: FIRST, server: web, tool: 'look', args: {} } as const;
    sights.push(await mustPass('called after the release', call));
    await sibling.tell('POST /v1/stop', { scope: 'all', level: 'frozen' });
    sights.push(await mustNotPass('called after everything was stopped', call, ['FROZEN']));
    const released = await sibling.tell('POST /v1/release', { scope: 'all', why: 'doctor goes on' });
    if (released.status !== 200) throw new Error(`the release was refused: ${JSON.stringify(released.json)}`);
    return sights;
  },
};

/** The server's own handshake is held up, so that a stop can land between a call's decision and its first byte. */
export const lastLook: Check<LaboratoryScene> = {
  id: 'level-last-look',
  control: 'A stop also holds what was decided already and has not been sent',
  async run({ sibling, slow, pipe }) {
    const [gate, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pipe.gate = gate.promise;
    pipe.onAsked = () => asked.resolve();
    const { value, arrived } = await arrivalsDuring(pipe, async () => {
      const call = slow.call(FIRST, 'pipe', 'look', {});
      await Promise.race([asked.promise, call]);
      await sibling.tell('POST /v1/stop', { scope: 'agent:slow', level: 'frozen' });
      gate.resolve();
      return call;
    });
    pipe.onAsked = () => undefined;
    await sibling.tell('POST /v1/release', { scope: 'agent:slow', why: 'doctor goes on' });
    const did = 'stopped an agent while its call waited for the server to start';
    return [judgeStopped(did, value, arrived.length, ['FROZEN'], `pipe, ${FIRST}`)];
  },
};

export const watched: Check<LaboratoryScene> = {
  id: 'level-watched',
  control: 'A watched agent only reads without a person',
  async run({ sibling, canary, web }) {
    await sibling.tell('POST /v1/stop', { scope: 'agent:canary', level: 'watched' });
    const base = { agent: canary, surface: FIRST, server: web } as const;
    const sights = [
      await mustPass('read as a watched agent', { ...base, tool: 'look', args: {} }),
      await mustNotPass('wrote as a watched agent', { ...base, tool: 'write', args: { text: 'fine' } }, [
        'APPROVAL_UNAVAILABLE',
        'APPROVAL_PENDING',
      ]),
    ];
    await sibling.tell('POST /v1/release', { scope: 'agent:canary', why: 'doctor goes on' });
    return sights;
  },
};

export const killed: Check<LaboratoryScene> = {
  id: 'level-killed',
  control: 'A killed agent has no credentials any more, and none are made',
  async run({ sibling, web }) {
    const agent = new CanaryAgent(sibling.url, await sibling.token('other'));
    await sibling.tell('POST /v1/stop', { scope: 'agent:other', level: 'killed' });
    const { value, arrived } = await arrivalsDuring(web, () => agent.call(FIRST, 'web', 'look', {}));
    const again = await sibling.tell('POST /v1/token', { agent: 'other' });
    return [
      {
        surface: `web, ${FIRST}`,
        did: 'called with the token of an agent that was just killed',
        saw: `${wordsOf(value)}; HTTP ${value.status}`,
        fired: value.status === 401 && arrived.length === 0,
      },
      {
        surface: 'the operator socket',
        did: 'asked for a new token for it',
        saw: again.status === 200 ? 'it was made' : 'refused',
        fired: again.status !== 200,
      },
    ];
  },
};
