import { CanaryAgent } from '../agent.ts';
import type { Check } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass, mustPass } from '../tries.ts';

/** Read what strangers wrote, read what is private, send: the third needs a person. */
export const marks: Check<LaboratoryScene> = {
  id: 'marks',
  control: 'What a session has read is known to rules, and a new session does not shed it',
  async run({ sibling, web }) {
    const reader = new CanaryAgent(sibling.url, await sibling.token('canary'));
    const another = new CanaryAgent(sibling.url, await sibling.token('other'));
    const base = { agent: reader, surface: 'HTTP, 2026-07-28', server: web } as const;
    const held = ['APPROVAL_UNAVAILABLE', 'APPROVAL_PENDING'];
    const send = { ...base, tool: 'send', args: {} };
    return [
      await mustPass('sent something, having read nothing', send),
      await mustPass('read what strangers wrote', { ...base, tool: 'news', args: {} }),
      await mustPass('sent something, having read that alone', send),
      await mustPass('read what is private', { ...base, tool: 'diary', args: {} }),
      await mustNotPass('sent something, having read both', send, held),
      await mustNotPass(
        'sent it in a session of the older protocol',
        { ...send, surface: 'HTTP, 2025-11-25' },
        held,
      ),
      await mustPass('sent something as an agent that has read neither', { ...send, agent: another }),
    ];
  },
};
