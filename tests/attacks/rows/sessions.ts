import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { ARRIVES, MARK, ORDER, open, post, postOlder } from '../wire.ts';

const call = (text: string, id: unknown = 2) => ({
  id,
  method: 'tools/call',
  params: { name: 'echo', arguments: { text } },
});
const waiting = (ms: number, id: unknown) => ({
  id,
  method: 'tools/call',
  params: { name: 'wait', arguments: { ms } },
});
const UNKNOWN: Outcome = { status: 404, code: 'UNKNOWN_SESSION', lacks: [MARK] };
const OWN = 'A session belongs to one agent and one address; for everybody else it does not exist.';
const attack = (id: string, tries: string, expect: Outcome, why: string, steps: Attack['steps']): Attack => ({
  id: `session-${id}`,
  door: 'http',
  tries,
  must: expect.code === 'ok' ? 'It changes nothing for the other.' : `Refused with ${expect.code}.`,
  why,
  steps,
  expect,
});
const inSession = (message: object, as: 'agent' | 'other' = 'agent', path = '/mcp/box', key = 'session') =>
  postOlder(message, ({ kept }) => ({ as, path, headers: { 'Mcp-Session-Id': kept[key] ?? '' } }));

export const SESSIONS: AttackClass = {
  title: 'Sessions and requests of others',
  rows: [
    attack('other', "A call in another agent's session", UNKNOWN, OWN, [
      open('other'),
      inSession(call(MARK)),
    ]),
    attack('other-address', 'A session on the address of another upstream', UNKNOWN, OWN, [
      open('agent'),
      inSession(call(MARK), 'agent', '/mcp/vault'),
    ]),
    attack('common-address', 'The session of one upstream on the common address', UNKNOWN, OWN, [
      open('agent'),
      inSession(call(MARK), 'agent', '/mcp'),
    ]),
    attack('invented', 'A session that nobody opened', UNKNOWN, OWN, [
      postOlder(call(MARK), { headers: { 'Mcp-Session-Id': '00000000-0000-4000-8000-000000000000' } }),
    ]),
    attack('prototype', 'A prototype for a session', UNKNOWN, OWN, [
      postOlder(call(MARK), { headers: { 'Mcp-Session-Id': '__proto__' } }),
    ]),
    attack(
      'none',
      'A call before any session',
      { status: 400, code: 'SESSION_MISSING' },
      'Each call belongs to a session or says all that is needed itself.',
      [postOlder(call(MARK))],
    ),
    attack(
      'twice',
      'Two sessions in one request',
      { status: 400, code: 'HEADER_MISMATCH' },
      'A header that somebody decides by stands once.',
      [
        open('agent'),
        open('agent', 'second'),
        postOlder(call(MARK), ({ kept }) => ({
          headers: { 'Mcp-Session-Id': [kept['session'] ?? '', kept['second'] ?? ''] },
        })),
      ],
    ),
    attack('ended', 'A session that was ended', UNKNOWN, OWN, [
      open('agent'),
      post('', { verb: 'DELETE', headers: { 'Mcp-Session-Id': 'x' } }),
      (place) =>
        post('', { verb: 'DELETE', headers: { 'Mcp-Session-Id': place.kept['session'] ?? '' } })(place),
      inSession(call(MARK)),
    ]),
    attack('end-other', "Another agent's session is to be ended", UNKNOWN, OWN, [
      open('other'),
      (place) =>
        post('', { verb: 'DELETE', headers: { 'Mcp-Session-Id': place.kept['session'] ?? '' } })(place),
    ]),
    {
      ...attack(
        'end-other-lives',
        'Whether a session lives on after another agent tried to end it',
        { code: 'ok', says: [ORDER] },
        OWN,
        [
          open('other'),
          (place) =>
            post('', { verb: 'DELETE', headers: { 'Mcp-Session-Id': place.kept['session'] ?? '' } })(place),
          inSession(call(ORDER), 'other'),
        ],
      ),
      control: true,
      reaches: ARRIVES,
    },
    attack(
      'version',
      'Another version than the one the session speaks',
      { status: 400, code: 'HEADER_MISMATCH' },
      'What was agreed on holds until the session ends.',
      [
        open('agent'),
        postOlder(call(MARK), ({ kept }) => ({
          headers: { 'Mcp-Session-Id': kept['session'] ?? '', 'Mcp-Protocol-Version': '2025-06-18' },
        })),
      ],
    ),
    {
      ...attack(
        'cancel-other',
        'A call of another agent is to be cancelled by its id',
        { code: 'ok', tally: { '200 ok': 1, '202 none': 1 } },
        'Request ids are those of one session, and reach no further.',
        [
          open('agent', 'mine'),
          open('other', 'theirs'),
          (place) => ({
            kind: 'together',
            steps: [
              inSession(waiting(300, 77), 'other', '/mcp/box', 'theirs')(place),
              inSession(
                { method: 'notifications/cancelled', params: { requestId: 77 } },
                'agent',
                '/mcp/box',
                'mine',
              )(place),
            ],
          }),
        ],
      ),
      reaches: [{ upstream: 'box', method: 'tools/call', name: 'wait', arguments: { ms: 300 } }],
    },
    {
      ...attack(
        'same-id',
        'Two calls of one session under one id',
        { code: 'ok', tally: { '200 ok': 1, '400 DUPLICATE_REQUEST_ID': 1 } },
        'An answer could not be told from the other.',
        [
          open('agent'),
          (place) => ({
            kind: 'together',
            steps: [inSession(waiting(300, 5))(place), inSession(waiting(300, 5))(place)],
          }),
        ],
      ),
      must: 'The second is refused with DUPLICATE_REQUEST_ID.',
      reaches: [{ upstream: 'box', method: 'tools/call', name: 'wait', arguments: { ms: 300 } }],
    },
    {
      ...attack(
        'same-id-elsewhere',
        'Two agents use one id at the same time',
        { code: 'ok', tally: { '200 ok': 2 } },
        'Each session has ids of its own.',
        [
          open('agent', 'mine'),
          open('other', 'theirs'),
          (place) => ({
            kind: 'together',
            steps: [
              inSession(waiting(200, 5), 'agent', '/mcp/box', 'mine')(place),
              inSession(waiting(200, 5), 'other', '/mcp/box', 'theirs')(place),
            ],
          }),
        ],
      ),
      control: true,
      reaches: [200, 200].map((ms) => ({
        upstream: 'box',
        method: 'tools/call',
        name: 'wait',
        arguments: { ms },
      })),
    },
    attack(
      'response',
      'An answer to what nobody asked, in a session',
      { status: 400, code: 'BAD_MESSAGE' },
      'Nothing was asked of this client.',
      [open('agent'), inSession({ id: 1, result: { action: 'accept', content: {} } })],
    ),
  ],
};
