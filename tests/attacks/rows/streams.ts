import type { Attack, AttackClass, HttpStep, Outcome, Place, Reply, Who } from '../attack.ts';
import { ARRIVES, current, MARK, ORDER, open, post, postOlder, standard } from '../wire.ts';

type Make = (place: Place) => HttpStep;

const inSession = (place: Place, key = 'session') => ({
  'Mcp-Session-Id': place.kept[key] ?? '',
  'Mcp-Protocol-Version': '2025-11-25',
});
/** Calls `echo` for an answer that is a stream, and keeps the id of its first event. */
const streamed =
  (as: Who, key = 'session'): Make =>
  (place) =>
    postOlder(
      { id: 2, method: 'tools/call', params: { name: 'echo', arguments: { text: ORDER } } },
      {
        as,
        headers: { ...inSession(place, key), Accept: 'text/event-stream, application/json' },
        keep: ({ text }: Reply) => ({ event: /^id: (\S+)$/m.exec(text)?.[1] ?? 'none' }),
      },
    )(place);
/** Comes back for what followed an event. */
const back =
  (
    event: (id: string) => string | readonly string[],
    as: Who = 'agent',
    key = 'session',
    path?: string,
  ): Make =>
  (place) =>
    post('', {
      as,
      verb: 'GET',
      ...(path === undefined ? {} : { path }),
      headers: {
        'Mcp-Method': undefined,
        'Mcp-Name': undefined,
        ...inSession(place, key),
        Accept: 'text/event-stream',
        'Last-Event-ID': event(place.kept['event'] ?? ''),
      },
    })(place);
const same = (id: string) => id;

const UNKNOWN_EVENT: Outcome = { status: 400, code: 'UNKNOWN_EVENT', lacks: [ORDER] };
const UNKNOWN_SESSION: Outcome = { status: 404, code: 'UNKNOWN_SESSION', lacks: [ORDER] };
const OWN_EVENTS = 'Event ids are drawn for one stream of one session; for everybody else they do not exist.';

function event(id: string, tries: string, expect: Outcome, steps: readonly Make[], why = OWN_EVENTS): Attack {
  const must = expect.code === 'ok' ? 'The answer is given, and the call is not made again.' : undefined;
  return {
    id: `event-${id}`,
    door: 'http',
    tries,
    must: must ?? `Refused with ${expect.code}.`,
    why,
    lanyardOnly: true,
    steps,
    expect,
    reaches: ARRIVES,
  };
}

export const EVENTS: AttackClass = {
  title: 'Event ids',
  rows: [
    event('other-agent', "An event of another agent's answer, in a session of one's own", UNKNOWN_EVENT, [
      open('other', 'theirs'),
      streamed('other', 'theirs'),
      open('agent'),
      back(same),
    ]),
    event('other-session', "The same, in that agent's session", UNKNOWN_SESSION, [
      open('other', 'theirs'),
      streamed('other', 'theirs'),
      back(same, 'agent', 'theirs'),
    ]),
    event('second-session', 'An event of another session of the same agent', UNKNOWN_EVENT, [
      open('agent', 'first'),
      streamed('agent', 'first'),
      open('agent'),
      back(same),
    ]),
    event('other-address', 'An event at the address of another upstream', UNKNOWN_SESSION, [
      open('agent'),
      streamed('agent'),
      back(same, 'agent', 'session', '/mcp/vault'),
    ]),
    event('common-address', 'An event of one upstream on the common address', UNKNOWN_SESSION, [
      open('agent'),
      streamed('agent'),
      back(same, 'agent', 'session', '/mcp'),
    ]),
    event('no-token', 'An event and its session without a token', { status: 401, code: 'TOKEN_MISSING' }, [
      open('agent'),
      streamed('agent'),
      back(same, 'nobody'),
    ]),
    event(
      'revoked',
      'An event and its session with a revoked token',
      { status: 401, code: 'TOKEN_REFUSED' },
      [open('agent'), streamed('agent'), back(same, 'revoked')],
    ),
    event('ended', 'An event of a session that was ended', UNKNOWN_SESSION, [
      open('agent'),
      streamed('agent'),
      (place) =>
        post('', { verb: 'DELETE', headers: { 'Mcp-Session-Id': place.kept['session'] ?? '' } })(place),
      back(same),
    ]),
    event('ahead', 'An event that is yet to come', UNKNOWN_EVENT, [
      open('agent'),
      streamed('agent'),
      back((id) => id.replace(/\d+$/, '99')),
    ]),
    event('negative', 'An event before the first', UNKNOWN_EVENT, [
      open('agent'),
      streamed('agent'),
      back((id) => id.replace(/\d+$/, '-1')),
    ]),
    event('number', 'A number in another spelling', UNKNOWN_EVENT, [
      open('agent'),
      streamed('agent'),
      back((id) => id.replace(/\d+$/, '0x0')),
    ]),
    event('twice', 'Two events in one request', { status: 400, code: 'HEADER_MISMATCH', lacks: [ORDER] }, [
      open('agent'),
      streamed('agent'),
      back((id) => [id, id]),
    ]),
    event('prototype', 'A prototype for an event', UNKNOWN_EVENT, [
      open('agent'),
      streamed('agent'),
      back(() => '__proto__-0'),
    ]),
    event('path', 'A path for an event', UNKNOWN_EVENT, [
      open('agent'),
      streamed('agent'),
      back(() => '../../etc/passwd'),
    ]),
    {
      ...event(
        'own',
        'The own event of the own session, twice',
        { status: 200, code: 'ok', says: [ORDER] },
        [open('agent'), streamed('agent'), back(same), back(same)],
        'Coming back for an answer asks for nothing to be done.',
      ),
      control: true,
    },
  ],
};

const subscribe = (uri: string, method = 'resources/subscribe') => ({ id: 3, method, params: { uri } });
const older =
  (message: object, as: Who = 'agent', key = 'session', path = '/mcp/box'): Make =>
  (place) =>
    postOlder(message, { as, path, headers: inSession(place, key) })(place);
const listen = (uris: readonly string[], path = '/mcp/box', filter: object = {}): Make =>
  post(current('subscriptions/listen', { notifications: { resourceSubscriptions: uris, ...filter } }), {
    path,
    headers: standard('subscriptions/listen', null),
  });

const DECIDED = 'To be told of a resource is to read it: each is decided as a read, and denied like one.';
const HIDDEN: Outcome = { status: 200, code: 'UNKNOWN_OPERATION', lacks: ['acknowledged'] };
const FORBIDDEN: Outcome = { status: 200, code: 'FORBIDDEN', lacks: ['acknowledged'] };

function subscription(
  id: string,
  tries: string,
  expect: Outcome,
  steps: readonly Make[],
  why = DECIDED,
  reaches: Attack['reaches'] = [],
): Attack {
  const must = expect.code === 'ok' ? 'It passes, and changes nothing for others.' : undefined;
  return {
    id: `subscription-${id}`,
    door: 'http',
    tries,
    must: must ?? `${expect.code === 'FORBIDDEN' ? 'Denied' : 'Refused'} with ${expect.code}.`,
    why,
    steps,
    expect,
    reaches,
  };
}

const SUBSCRIBED = [{ upstream: 'box', method: 'resources/subscribe', name: 'box://note' }];

export const SUBSCRIPTIONS: AttackClass = {
  title: 'Subscriptions',
  rows: [
    subscription('forbidden', 'A subscription to what may not be read', FORBIDDEN, [
      open('agent', 'session', '/mcp/vault'),
      older(subscribe('vault://secret'), 'agent', 'session', '/mcp/vault'),
    ]),
    subscription('forbidden-common', 'The same on the common address', HIDDEN, [
      open('agent', 'session', '/mcp'),
      older(subscribe('vault://secret'), 'agent', 'session', '/mcp'),
    ]),
    subscription('forbidden-listen', 'The same with subscriptions/listen', FORBIDDEN, [
      listen(['vault://secret'], '/mcp/vault'),
    ]),
    subscription('forbidden-listen-common', 'The same on the common address', HIDDEN, [
      listen(['vault://secret'], '/mcp'),
    ]),
    subscription('other-upstream', "One upstream's resource at the address of another", FORBIDDEN, [
      open('agent', 'session', '/mcp/vault'),
      older(subscribe('box://note'), 'agent', 'session', '/mcp/vault'),
    ]),
    subscription(
      'both',
      'A resource that an upstream offers which the agent may not use, and another one as well',
      { status: 200, code: 'ok' },
      [open('agent', 'session', '/mcp'), older(subscribe('both://note'), 'agent', 'session', '/mcp')],
      'What an agent is not shown is not there for it: the other upstream is asked, and that one alone.',
      [{ upstream: 'box', method: 'resources/subscribe', name: 'both://note' }],
    ),
    subscription(
      'nobody',
      'A resource that no upstream offers, on the common address',
      HIDDEN,
      [open('agent', 'session', '/mcp'), older(subscribe('file:///etc/passwd'), 'agent', 'session', '/mcp')],
      'What nobody offers is not asked for anywhere.',
    ),
    subscription(
      'other-session',
      "A subscription in another agent's session",
      { status: 404, code: 'UNKNOWN_SESSION' },
      [open('other'), older(subscribe('box://note'))],
      'What is told is told in the session that asked, which is one agent’s own.',
    ),
    subscription(
      'end-other',
      "The end of another agent's subscription, in its session",
      { status: 404, code: 'UNKNOWN_SESSION' },
      [
        open('other'),
        older(subscribe('box://note'), 'other'),
        older(subscribe('box://note', 'resources/unsubscribe')),
      ],
      'What is told is told in the session that asked, which is one agent’s own.',
      SUBSCRIBED,
    ),
    {
      ...subscription(
        'end-own',
        "The end of another agent's subscription, in a session of one's own",
        { status: 200, code: 'ok' },
        [
          open('other', 'theirs'),
          older(subscribe('box://note'), 'other', 'theirs'),
          open('agent'),
          older(subscribe('box://note', 'resources/unsubscribe')),
        ],
        'Subscriptions are those of one session; where there is none, there is nothing to end, and no server hears of it.',
        SUBSCRIBED,
      ),
      lanyardOnly: true,
    },
    subscription(
      'end-listen',
      'A notification that cancels the listening of others',
      { status: 202, code: 'none' },
      [
        post(
          JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }),
          { headers: { 'Mcp-Method': 'notifications/cancelled', 'Mcp-Name': undefined } },
        ),
      ],
      'A listening ends with its own connection; ids of requests reach no further than that.',
    ),
    subscription(
      'older-listen',
      'subscriptions/listen in a session of the older generation',
      { status: 200, code: 'UNKNOWN_METHOD' },
      [
        open('agent'),
        older({
          id: 3,
          method: 'subscriptions/listen',
          params: { notifications: { toolsListChanged: true } },
        }),
      ],
      'Each generation has its own methods.',
    ),
    subscription(
      'current-subscribe',
      'resources/subscribe in a request of 2026-07-28',
      { status: 404, code: 'UNKNOWN_METHOD' },
      [
        post(current('resources/subscribe', { uri: 'box://note' }), {
          headers: standard('resources/subscribe', null),
        }),
      ],
      'Each generation has its own methods.',
    ),
    subscription(
      'flood',
      'More resources in one listen than one agent may be subscribed to',
      { status: 429, code: 'TOO_MANY_SUBSCRIPTIONS' },
      [listen(Array.from({ length: 300 }, (_, at) => `box://of/${at}`))],
      'They are bounded for the agent, whatever asks for them.',
    ),
    subscription(
      'no-uri',
      'A subscription to what is no URI',
      { status: 200, code: 'BAD_PARAMS' },
      [open('agent'), older({ id: 3, method: 'resources/subscribe', params: { uri: { $: MARK } } })],
      'What is not what the protocol says is not guessed at.',
    ),
    subscription(
      'wrong-filter',
      'A listen whose filter is no filter',
      { status: 200, code: 'BAD_PARAMS' },
      [listen([], '/mcp/box', { toolsListChanged: 'yes' })],
      'What is not what the protocol says is not guessed at.',
    ),
    {
      ...subscription(
        'own',
        'A subscription to what may be read',
        { status: 200, code: 'ok' },
        [open('agent'), older(subscribe('box://note'))],
        'It may be read.',
        SUBSCRIBED,
      ),
      control: true,
    },
  ],
};
