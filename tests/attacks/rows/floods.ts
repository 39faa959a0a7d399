import type { Attack, AttackClass } from '../attack.ts';
import { callText, MARK, ORDER, post } from '../wire.ts';

const text = (at: number) => `${ORDER} ${at}`;
const arrived = (many: number) =>
  Array.from({ length: many }, (_, at) => ({
    upstream: 'box',
    method: 'tools/call',
    name: 'echo',
    arguments: { text: text(at) },
  }));
const wait = { upstream: 'box', method: 'tools/call', name: 'wait', arguments: { ms: 500 } };

/** Small and bounded: they show that there is a limit, not how much the machine bears. */
export const FLOODS: AttackClass = {
  title: 'Floods',
  rows: [
    {
      id: 'flood-in-flight',
      door: 'http',
      tries: 'Eight calls at once by an agent that may have four',
      must: 'Four run, four are refused with TOO_MANY_IN_FLIGHT.',
      why: 'What an agent may have in flight is bounded; the rest costs no server anything.',
      steps: [
        // This row and the next two are about one minute.
        () => ({ kind: 'minute', leaveMs: 20_000 }),
        (place) => ({
          kind: 'together',
          steps: Array.from({ length: 8 }, () =>
            post(callText('wait', { ms: 500 }), { as: 'flooder', headers: { 'Mcp-Name': 'wait' } })(place),
          ),
        }),
      ],
      expect: { code: 'ok', tally: { '200 ok': 4, '429 TOO_MANY_IN_FLIGHT': 4 } },
      reaches: [wait, wait, wait, wait],
    },
    {
      id: 'flood-attempts',
      door: 'http',
      tries: 'Calls without end, one after the other, by an agent that may make twenty a minute',
      must: 'With those of the row before, twenty attempts are taken, then it is TOO_MANY_ATTEMPTS.',
      why: 'Attempts are counted whether they succeed or not, per agent and not per session.',
      steps: [
        ...Array.from({ length: 12 }, (_, at) =>
          post(callText('echo', { text: text(at) }), { as: 'flooder' as const }),
        ),
        post(callText('echo', { text: MARK }), { as: 'flooder' }),
      ],
      expect: { status: 429, code: 'TOO_MANY_ATTEMPTS', lacks: [MARK] },
      reaches: arrived(12),
    },
    {
      id: 'flood-new-session',
      door: 'http',
      tries: 'The same under a session of another name',
      must: 'Refused with TOO_MANY_ATTEMPTS.',
      why: 'What a caller chooses separates history, and resets no limit.',
      steps: [post(callText('echo', { text: MARK }, { 'dev.lanyard/session': 'fresh' }), { as: 'flooder' })],
      expect: { status: 429, code: 'TOO_MANY_ATTEMPTS', lacks: [MARK] },
    },
    {
      id: 'flood-others',
      door: 'http',
      tries: 'Whether another agent is held up by it',
      must: 'Its call passes.',
      why: 'Limits belong to one agent.',
      control: true,
      steps: [post(callText('echo', { text: ORDER }))],
      expect: { code: 'ok', says: [ORDER] },
      reaches: [{ upstream: 'box', method: 'tools/call', name: 'echo', arguments: { text: ORDER } }],
    },
    {
      id: 'flood-refusals',
      door: 'http',
      tries: 'A hundred malformed messages at once',
      must: 'Each is refused with BAD_JSON.',
      why: 'A refusal costs one entry of the log a minute, and no decision.',
      steps: [(place) => ({ kind: 'together', steps: Array.from({ length: 100 }, () => post('{')(place)) })],
      expect: { code: 'BAD_JSON', tally: { '400 BAD_JSON': 100 } },
    },
  ] satisfies readonly Attack[],
};
