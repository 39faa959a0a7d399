import { type Problem, problem } from '../base/errors.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Generation } from './revision.ts';

/**
 * decided: an action; it goes through the corridor · listed: answered from the pins, less what the agent could never
 * have · answered: handled by Lanyard itself and goes no further · forwarded: passed to the other side under our own
 * ids and tokens · refused: known, and not let through.
 */
type Disposition = 'decided' | 'listed' | 'answered' | 'forwarded' | 'refused';

/** Who sends it: the agent's side, or an upstream. */
export type Sender = 'client' | 'server';

export interface MethodRow {
  readonly method: string;
  readonly kind: 'request' | 'notification';
  readonly from: Sender;
  /** Per generation; null where the generation does not have it, so that it is unknown there. */
  readonly '2026': Disposition | null;
  readonly '2025': Disposition | null;
  readonly why: string;
}

const row =
  (kind: MethodRow['kind'], from: Sender) =>
  (method: string, in2026: Disposition | null, in2025: Disposition | null, why: string): MethodRow => ({
    method,
    kind,
    from,
    '2026': in2026,
    '2025': in2025,
    why,
  });

const ask = row('request', 'client');
const tell = row('notification', 'client');
const askBack = row('request', 'server');
const tellBack = row('notification', 'server');

const OWN_TASKS = 'A task here is Lanyard’s own: under its own id, of one agent and token.';
const NO_CLIENT_TASKS = 'What an upstream asks is answered, and never runs on as a task of its client.';
const ASKING_BACK =
  'An operation of its own: only where `may:` and the client allow it, and labelled with the upstream’s name.';

/** Every method and notification of 2026-07-28, 2025-11-25 and 2025-06-18, in each direction. */
export const METHODS: readonly MethodRow[] = [
  ask('tools/call', 'decided', 'decided', 'What this house is for.'),
  ask(
    'resources/read',
    'decided',
    'decided',
    'Reading is an action: it marks the session and may be denied.',
  ),
  ask('prompts/get', 'decided', 'decided', 'A prompt is text from outside, made from arguments.'),

  ask('tools/list', 'listed', 'listed', 'Shows the pinned tools that this agent could have.'),
  ask('prompts/list', 'listed', 'listed', 'The same for prompts.'),
  ask('resources/list', 'listed', 'listed', 'The same for resources, each decided exactly.'),
  ask('resources/templates/list', 'listed', 'listed', 'The same for templates.'),

  ask('initialize', null, 'answered', 'The agent meets Lanyard; upstreams meet Lanyard as their client.'),
  ask('server/discover', 'answered', null, 'Says what Lanyard offers here.'),
  ask('ping', null, 'answered', 'Asks whether Lanyard lives, not whether an upstream does.'),

  ask(
    'completion/complete',
    'decided',
    'decided',
    'As the prompt or the resource (template) that it completes.',
  ),
  ask('resources/subscribe', null, 'decided', 'As the read that it would repeat; forwarded as our own.'),
  ask('resources/unsubscribe', null, 'answered', 'Ours ends with the last that wanted it.'),
  ask(
    'subscriptions/listen',
    'answered',
    null,
    'Each resource in it is decided as a read; lists are told of when what this agent is shown has changed.',
  ),
  ask(
    'logging/setLevel',
    null,
    'answered',
    'The session’s own level; an upstream hears of it in the agent’s own session alone.',
  ),
  ask('tasks/get', 'answered', 'answered', OWN_TASKS),
  ask('tasks/result', null, 'answered', 'Waits for the end of a task; what it asks meanwhile comes here.'),
  ask('tasks/update', 'answered', null, 'The call goes on: decided again, and recorded before it is sent.'),
  ask('tasks/list', null, 'answered', 'The tasks of this token, on this path.'),
  ask('tasks/cancel', 'answered', 'answered', 'Passed on under the upstream’s own id; always possible.'),

  tell('notifications/initialized', null, 'answered', 'Ends the handshake with Lanyard.'),
  tell(
    'notifications/cancelled',
    'answered',
    'answered',
    'Aborts the call; the upstream is told under our own id.',
  ),
  tell(
    'notifications/progress',
    null,
    'refused',
    'How far a client is with what it was asked is nothing that an upstream needs to know.',
  ),
  tell(
    'notifications/roots/list_changed',
    null,
    'refused',
    'Roots are the catalog’s: an agent cannot widen them.',
  ),
  tell('notifications/tasks/status', null, 'refused', NO_CLIENT_TASKS),

  askBack('ping', null, 'answered', 'Lanyard is the client here and lives.'),
  askBack('sampling/createMessage', null, 'decided', ASKING_BACK),
  askBack('elicitation/create', null, 'decided', ASKING_BACK),
  askBack('roots/list', null, 'decided', 'The same; answered with the directories of the configuration.'),
  askBack('tasks/get', null, 'refused', NO_CLIENT_TASKS),
  askBack('tasks/result', null, 'refused', NO_CLIENT_TASKS),
  askBack('tasks/list', null, 'refused', NO_CLIENT_TASKS),
  askBack('tasks/cancel', null, 'refused', NO_CLIENT_TASKS),

  tellBack(
    'notifications/cancelled',
    'answered',
    'answered',
    'Concerns what the upstream asked of Lanyard alone.',
  ),
  tellBack(
    'notifications/progress',
    'forwarded',
    'forwarded',
    'To the caller of that one request, under its own token.',
  ),
  tellBack(
    'notifications/message',
    'forwarded',
    'forwarded',
    'About a call: to its caller. Otherwise to the sessions of the agent whose own upstream session it is.',
  ),
  tellBack(
    'notifications/tools/list_changed',
    'answered',
    'answered',
    'Lanyard lists again and compares with the pins.',
  ),
  tellBack(
    'notifications/prompts/list_changed',
    'answered',
    'answered',
    'Lanyard lists again and compares with the pins.',
  ),
  tellBack(
    'notifications/resources/list_changed',
    'answered',
    'answered',
    'Lanyard lists again and compares with the pins.',
  ),
  tellBack(
    'notifications/resources/updated',
    'forwarded',
    'forwarded',
    'To those with a live subscription, each decided again as a read.',
  ),
  tellBack('notifications/subscriptions/acknowledged', 'answered', null, 'Lanyard’s own subscriptions.'),
  tellBack(
    'notifications/elicitation/complete',
    null,
    'forwarded',
    'To the client that was sent to the address, under the id that it was given; once.',
  ),
  tellBack('notifications/tasks/status', null, 'answered', 'Lanyard looks for itself how the task is.'),
  tellBack('notifications/tasks', 'answered', null, 'Lanyard looks for itself how the task is.'),
];

const BY_KEY = new Map(METHODS.map((known) => [`${known.from} ${known.kind} ${known.method}`, known]));

/**
 * What becomes of a message. METHOD_REFUSED and UNKNOWN_METHOD are the answer to a request; a notification has none,
 * so it is dropped, and counted by whoever received it.
 */
export function dispositionOf(
  message: { readonly kind: 'request' | 'notification'; readonly method: string },
  from: Sender,
  generation: Generation,
): Result<Exclude<Disposition, 'refused'>, Problem> {
  const known = BY_KEY.get(`${from} ${message.kind} ${message.method}`)?.[generation] ?? null;
  if (known === null) return err(problem('UNKNOWN_METHOD', { method: message.method }));
  if (known === 'refused') return err(problem('METHOD_REFUSED', { method: message.method }));
  return ok(known);
}
