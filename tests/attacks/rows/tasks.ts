import type { Attack, AttackClass, Outcome, Place, Step, Who } from '../attack.ts';
import { callText, current, open, post, postOlder, standard } from '../wire.ts';

const KNOWS = {
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};
const MADE_UP = `task-${'A'.repeat(22)}`;

const attack = (
  id: string,
  tries: string,
  expect: Outcome,
  why: string,
  steps: readonly ((place: Place) => Step)[],
): Attack => ({
  id: `task-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps,
  expect,
});

const ask = (
  method: string,
  { named = MADE_UP, as = 'agent', meta = KNOWS }: { named?: string | null; as?: Who; meta?: object } = {},
) =>
  post(current(method, { taskId: MADE_UP, inputResponses: {} }, meta), {
    as,
    headers: standard(method, named),
  });
const older = (method: string) => [
  open('agent'),
  postOlder({ id: 1, method, params: { taskId: MADE_UP } }, ({ kept }) => ({
    headers: { 'Mcp-Session-Id': kept['session'] ?? '' },
  })),
];

const UNKNOWN: Outcome = { status: 200, code: 'UNKNOWN_TASK' };
const OWN =
  'Ids are random and Lanyard’s own, and belong to one agent and token; nobody else learns that there is one.';
const NAMED = 'Whatever stands before Lanyard may have looked at the header alone.';

/** A task that runs, and its id; then what is asked of it, under that id. */
const begun = post(callText('later', {}, KNOWS), {
  headers: { 'Mcp-Name': 'later' },
  keep: ({ message }) => ({
    task: String((message?.['result'] as { taskId?: unknown } | undefined)?.taskId),
  }),
});
const ofIt =
  (method: string, as: Who) =>
  (place: Place): Step => {
    const taskId = place.kept['task'] ?? '';
    return post(current(method, { taskId, inputResponses: {} }, KNOWS), {
      as,
      headers: standard(method, taskId),
    })(place);
  };
const REACHED = [{ upstream: 'box', method: 'tools/call', name: 'later', arguments: {} }];
const theirs = (id: string, tries: string, method: string): Attack => ({
  ...attack(id, tries, UNKNOWN, OWN, [begun, ofIt(method, 'other')]),
  reaches: REACHED,
});

/** Rows about the ids of tasks. Those of other tokens are in tests/journeys/tasks/current.test.ts. */
export const TASKS: AttackClass = {
  title: 'Tasks',
  rows: [
    {
      ...attack(
        'own',
        'Asks for a task of its own',
        { code: 'ok', says: ['working'], lacks: ['the-task-of-the-server'] },
        'It is its own, under an id that is ours and not the server’s.',
        [begun, ofIt('tasks/get', 'agent')],
      ),
      must: 'It is told how the task stands.',
      control: true,
      lanyardOnly: true,
      reaches: REACHED,
    },
    theirs('other-get', "Asks for another agent's task", 'tasks/get'),
    theirs('other-update', "Answers for another agent's task", 'tasks/update'),
    theirs('other-cancel', "Cancels another agent's task", 'tasks/cancel'),
    attack('guess-get', 'Asks for a task under a made-up id', UNKNOWN, OWN, [ask('tasks/get')]),
    attack('guess-update', 'Answers for a made-up task', UNKNOWN, OWN, [ask('tasks/update')]),
    attack('guess-cancel', 'Cancels a made-up task', UNKNOWN, OWN, [ask('tasks/cancel')]),
    attack('guess-older-get', 'The same with a session', UNKNOWN, OWN, older('tasks/get')),
    attack(
      'guess-older-result',
      'Waits for a made-up task, with a session',
      UNKNOWN,
      OWN,
      older('tasks/result'),
    ),
    attack(
      'guess-older-cancel',
      'Cancels a made-up task, with a session',
      UNKNOWN,
      OWN,
      older('tasks/cancel'),
    ),
    attack(
      'undeclared',
      'Asks without saying that it knows tasks',
      { status: 400, code: 'TASKS_UNDECLARED' },
      'The extension is for requests that declare it.',
      [ask('tasks/get', { meta: {} })],
    ),
    attack(
      'split',
      'Names one task in the header and another in the body',
      { status: 400, code: 'HEADER_MISMATCH' },
      NAMED,
      [ask('tasks/cancel', { named: `task-${'B'.repeat(22)}` })],
    ),
    attack('unnamed', 'Names no task in the header', { status: 400, code: 'HEADER_MISMATCH' }, NAMED, [
      ask('tasks/get', { named: null }),
    ]),
    attack(
      'older-method',
      'Waits for a task in words of the older generation',
      { status: 404, code: 'UNKNOWN_METHOD' },
      '2026-07-28 has no tasks/result.',
      [ask('tasks/result', { named: null })],
    ),
    attack(
      'revoked',
      'Asks for a task with a revoked token',
      { status: 401, code: 'TOKEN_REFUSED' },
      'The token is looked at before anything else.',
      [ask('tasks/get', { as: 'revoked' })],
    ),
  ],
};
