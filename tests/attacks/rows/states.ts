import { randomBytes } from 'node:crypto';
import { RequestStates } from '../../../src/pipeline/asks/request-state.ts';
import type { Attack, AttackClass, HttpStep, Outcome, Place, Reached } from '../attack.ts';
import { current, MARK, ORDER, post } from '../wire.ts';

/** The tool `pausing` asks a person for her name before it answers, and gives a state of its own, which is this. */
const THEIRS = 'the state of the server';
const ADA = { who: { action: 'accept', content: { name: 'Ada' } } };
const CAN = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };

interface Given {
  readonly as?: 'agent' | 'other';
  readonly path?: string;
  readonly name?: string;
  readonly text?: string;
  readonly responses?: object;
  readonly meta?: object;
  readonly keep?: HttpStep['keep'];
}
type Kept = Place['kept'];

/** A call of `pausing`; with `state` one that goes on. */
function call(given: Given, state?: (kept: Kept) => unknown): (place: Place) => HttpStep {
  const { as = 'agent', path = '/mcp/box', name = 'pausing', text = ORDER, meta = {}, keep } = given;
  const { responses = ADA } = given;
  return (place) => {
    const more = state === undefined ? {} : { requestState: state(place.kept), inputResponses: responses };
    const params = { name, arguments: { text }, ...more };
    return post(current('tools/call', params, { ...CAN, ...meta }), {
      as,
      path,
      headers: { 'Mcp-Name': name },
      ...(keep === undefined ? {} : { keep }),
    })(place);
  };
}

/** A call that pauses; its state is kept under `as`. */
const pausing = (as = 'state', text = ORDER) =>
  call({
    text,
    keep: ({ message }) => {
      const result = (message?.['result'] ?? {}) as Readonly<Record<string, unknown>>;
      return { [as]: String(result['requestState'] ?? '') };
    },
  });
const own = (kept: Kept) => kept['state'];
const goOn = (given: Given = {}, state: (kept: Kept) => unknown = own) => call(given, state);

const made = (count: number, text = ORDER): readonly Reached[] =>
  Array.from({ length: count }, () => ({
    upstream: 'box',
    method: 'tools/call',
    name: 'pausing',
    arguments: { text },
  }));

const SEALED =
  'A state is sealed with a key that is drawn at each start, and there is nothing to learn from one that is not.';
const BOUND =
  'A state stands for one call of one agent at one upstream, with the arguments that were decided on.';
const refused = (
  id: string,
  tries: string,
  code: string,
  why: string,
  steps: Attack['steps'],
  reaches: readonly Reached[] = made(1),
): Attack => ({
  id: `state-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${code}; the server hears nothing of it.`,
  why,
  steps,
  expect: { status: 200, code, lacks: [MARK, THEIRS] },
  reaches,
});
const instead = (id: string, tries: string, state: (kept: Kept) => unknown, code = 'STATE_UNREADABLE') =>
  refused(id, tries, code, SEALED, [pausing(), goOn({ text: ORDER }, state)]);

const flip = (text = '', at: number) =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
const halves = ({ state = '', second = '' }: Kept) =>
  `${state.slice(0, state.length / 2)}${second.slice(second.length / 2)}`;
/** As another instance, or this one before its last start, would have sealed it. */
const sealedElsewhere = () =>
  new RequestStates(randomBytes(32)).seal({
    pause: 'p',
    agent: 'agent',
    upstream: 'box',
    digest: `sha256:${'0'.repeat(64)}`,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    upstreamState: THEIRS,
  });

const fine: Outcome = { status: 200, code: 'ok', says: ['went on'], lacks: [THEIRS] };

/** What a client can do with the `requestState` of a call that waits for input (2026-07-28). */
export const STATES: AttackClass = {
  title: 'States of paused calls',
  rows: [
    {
      id: 'state-in-order',
      door: 'http',
      tries: 'A call that a server paused goes on with what it asked for',
      must: 'It passes, once more.',
      why: 'It is in order.',
      control: true,
      steps: [pausing(), goOn()],
      expect: fine,
      reaches: made(2),
    },
    {
      id: 'state-shown',
      door: 'http',
      tries: "To read the server's own state in the one that the client is given",
      must: 'It is not there.',
      why: "The server's state travels encrypted within ours.",
      steps: [pausing()],
      expect: {
        status: 200,
        code: 'ok',
        says: ['input_required'],
        lacks: [
          THEIRS,
          ...[0, 1, 2].map((at) =>
            Buffer.from(THEIRS.slice(at, at + 18))
              .toString('base64url')
              .slice(0, 20),
          ),
        ],
      },
      reaches: made(1),
    },
    refused(
      'replayed',
      'A state for the second time',
      'STATE_USED',
      'A state is good once.',
      [pausing(), goOn(), goOn()],
      made(2),
    ),
    {
      id: 'state-together',
      door: 'http',
      tries: 'A state three times at the same time',
      must: 'One call goes on, two are refused with STATE_USED.',
      why: 'A state is spent in the tick in which it is found to be good.',
      steps: [pausing(), (place) => ({ kind: 'together', steps: [1, 2, 3].map(() => goOn()(place)) })],
      expect: { code: 'ok', tally: { '200 ok': 1, '200 STATE_USED': 2 } },
      reaches: made(2),
    },
    refused(
      'swapped',
      'The states of two calls, each for the other',
      'STATE_DIFFERS',
      BOUND,
      [pausing('other', ORDER), pausing('state', MARK), goOn({ text: ORDER })],
      [...made(1, ORDER), ...made(1, MARK)],
    ),
    refused('arguments', 'Other arguments than those that were decided on', 'STATE_DIFFERS', BOUND, [
      pausing(),
      goOn({ text: MARK }),
    ]),
    refused('tool', 'Another tool of the same server', 'STATE_DIFFERS', BOUND, [
      pausing(),
      goOn({ name: 'echo', text: MARK }),
    ]),
    refused('session', 'The state in another session of the agent', 'STATE_DIFFERS', BOUND, [
      pausing(),
      goOn({ meta: { 'dev.lanyard/session': 'elsewhere' } }),
    ]),
    refused('agent', "Another agent's state", 'STATE_FOREIGN', BOUND, [pausing(), goOn({ as: 'other' })]),
    refused('upstream', 'The state at another server', 'STATE_FOREIGN', BOUND, [
      pausing(),
      goOn({ path: '/mcp/turncoat', name: 'helper', text: MARK }),
    ]),
    instead('flipped', 'A state with one letter changed', ({ state }) => flip(state, 40)),
    instead('version', 'A state that says another version', ({ state }) => flip(state, 0)),
    instead('cut', 'A state without its end', ({ state = '' }) => state.slice(0, -4)),
    instead('longer', 'A state with something behind it', ({ state = '' }) => `${state}AAAA`),
    refused(
      'spliced',
      'The beginning of one state and the end of another',
      'STATE_UNREADABLE',
      SEALED,
      [pausing('second'), pausing(), goOn({}, halves)],
      made(2),
    ),
    instead('forged', 'A state that somebody made up', () => randomBytes(160).toString('base64url')),
    instead('server', "The server's own state", () => THEIRS),
    instead(
      'elsewhere',
      'A state of another instance, or of this one before its last start',
      sealedElsewhere,
    ),
    instead('oversized', 'A state of a million letters', () => 'A'.repeat(1_000_000)),
    instead('empty', 'An empty state', () => ''),
    instead('number', 'A state that is a number', () => 1, 'BAD_PARAMS'),
    refused(
      'answers',
      'Answers with members that parsers take for others',
      'RESERVED_KEY',
      'Names that begin with `__` are refused in answers as in arguments.',
      [pausing(), goOn({ responses: { who: { action: 'accept', content: { __entity: MARK } } } })],
    ),
    refused(
      'no-answer',
      'Something that is no answer',
      'BAD_PARAMS',
      'An answer is read anew, by what was asked.',
      [pausing(), goOn({ responses: { who: { action: MARK } } })],
    ),
    {
      id: 'state-unasked',
      door: 'http',
      tries: 'Answers to what nobody asked, beside the one that was',
      must: 'The call goes on without them.',
      why: 'Only what was asked is answered.',
      steps: [
        pausing(),
        goOn({ responses: { ...ADA, more: { action: 'accept', content: { text: MARK } } } }),
      ],
      expect: { ...fine, lacks: [THEIRS, MARK] },
      reaches: made(2),
    },
    {
      id: 'state-ahead',
      door: 'http',
      tries: 'Answers before anything was asked, to a call that asks nothing',
      must: 'The call is made without them.',
      why: 'Answers without a state answer what is asked after them, or nothing.',
      steps: [
        (place) =>
          post(
            current('tools/call', {
              name: 'echo',
              arguments: { text: ORDER },
              inputResponses: { who: { action: 'accept', content: { text: MARK } } },
            }),
          )(place),
      ],
      expect: { status: 200, code: 'ok', says: [ORDER], lacks: [MARK] },
      reaches: [{ upstream: 'box', method: 'tools/call', name: 'echo', arguments: { text: ORDER } }],
    },
  ],
};
