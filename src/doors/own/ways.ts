import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import type { Agent } from '../../model/agent.ts';
import type { Appeal, AppealKind } from '../../model/appeal.ts';
import type { Appeals } from '../../pipeline/appeal/appeals.ts';
import type { Generation } from '../../pipeline/ports/call.ts';
import type { ExecuteControl } from '../../pipeline/ports/upstream.ts';
import type { Rooms } from '../../pipeline/rooms.ts';
import { stopNow } from '../../pipeline/stop/stop.ts';
import { abilitiesOf } from './abilities.ts';

/** What the built-in server stands on. */
export interface OwnGround {
  readonly rooms: Rooms;
  readonly appeals: Appeals;
  /** How long a call is held for an answer. */
  holdMs(): number;
}

/** One call of the built-in server, permitted and recorded. */
interface OwnCall {
  readonly agent: Agent;
  readonly generation: Generation;
  readonly input: JsonObject;
  /** Of the action. */
  readonly digest: string;
  readonly control: Pick<ExecuteControl, 'signal' | 'onProgress'>;
}

type Way = (house: OwnGround, call: OwnCall) => Promise<JsonObject>;

/** Each tool of the built-in server. None of them widens anything. */
export const WAYS: Readonly<Record<string, Way>> = {
  what_may_i_do: async ({ rooms }, { agent, generation }) => said(abilitiesOf(rooms, agent, generation)),
  ask_person: (house, call) => appeal(house, call, 'question', true),
  request_permission: (house, call) => appeal(house, call, 'permission', false),
  hand_over: (house, call) => appeal(house, call, 'handover', false),
  async freeze_me({ rooms }, { agent, input }) {
    const why = cleanText(rooms, String(input['reason'] ?? ''));
    // Its entry waits for what it cuts to end, and this very call is among that.
    const { level } = stopNow(rooms, `agent:${agent.id}`, 'frozen', {
      by: 'agent',
      why,
      more: { agent: agent.id },
    });
    return said('You are frozen: nothing of yours runs until a person releases you. Stop here.', {
      level,
    });
  },
};

async function appeal(
  house: OwnGround,
  call: OwnCall,
  kind: AppealKind,
  holds: boolean,
): Promise<JsonObject> {
  const { rooms, appeals } = house;
  const { agent, input, digest } = call;
  const content = cleaned(rooms, input) as JsonObject;
  const made = await appeals.make(agent, kind, content, digest);
  if (!made.ok) return failed(made.error.sentence, made.error.code);
  if (holds) await hold(house, call, made.value.id);
  return tell(appeals.find(made.value.id)?.appeal ?? made.value);
}

/** Until somebody has answered, the client has waited long enough, or a stop has cut the call. */
async function hold({ rooms, appeals, holdMs }: OwnGround, { control }: OwnCall, id: string): Promise<void> {
  const untilMs = rooms.clock.now() + holdMs();
  const { signal, onProgress } = control;
  for (let ticks = 1; ; ticks++) {
    const leftMs = untilMs - rooms.clock.now();
    const waits = appeals.find(id)?.appeal.phase === 'open' && !appeals.isStopped;
    if (leftMs <= 0 || !waits || signal.aborted) return;
    await appeals.moved(Math.min(leftMs, LIMITS.approvalTickMs), signal);
    onProgress?.({ progress: ticks });
  }
}

/** What the agent is told of it: the person's own words, and nobody else's. */
function tell({ id, kind, content, owner, answer, repeats }: Appeal): JsonObject {
  const at = { appeal: id };
  if (answer === undefined) return said(WAITS[kind].replace('{owner}', owner), { ...at, state: 'waiting' });
  const { person, why, option } = answer;
  const because = why === undefined ? '' : `: ${why}`;
  if (answer.answer === 'no') {
    const again = repeats === 0 ? '' : ` You have asked ${repeats} more times since; that is counted.`;
    return said(`${person} said no${because}. Do not ask for the same again.${again}`, {
      ...at,
      state: 'refused',
    });
  }
  const options = content['options'];
  const chosen = option !== undefined && Array.isArray(options) ? options[option] : undefined;
  const words = chosen === undefined ? because : `: ${String(chosen)}${why === undefined ? '' : ` (${why})`}`;
  return said(`${person} ${ANSWERED[kind]}${words}`, {
    ...at,
    state: 'answered',
    ...(chosen === undefined ? {} : { option: chosen }),
    ...(why === undefined ? {} : { why }),
  });
}

const WAITS: Readonly<Record<AppealKind, string>> = {
  question:
    '{owner} has been asked. Ask again with the same words to learn the answer; go on with what does not depend on it.',
  permission:
    'Your request waits for {owner}. It permits nothing until a person makes it a rule; ask again with the same words to learn what became of it.',
  handover: '{owner} has been told. You can stop here.',
};

const ANSWERED: Readonly<Record<AppealKind, string>> = {
  question: 'answers',
  permission: 'says that there is a rule now; try it',
  handover: 'has seen it',
};

/** Some programs show their model what is structured in place of the text, so the sentence stands there too. */
const said = (text: string, structured?: JsonObject): JsonObject => ({
  content: [{ type: 'text', text }],
  ...(structured === undefined ? {} : { structuredContent: { ...structured, says: text } }),
});

const failed = (text: string, code?: string): JsonObject => ({
  ...said(`${OWN_UPSTREAM}: ${text}${code === undefined ? '' : ` (${code})`}`),
  isError: true,
});

const cleanText = ({ scrubber, redactor }: Rooms, text: string): string =>
  redactor.redact(scrubber.scrub(text));

/** What an agent wrote is kept and shown without what may not be stored. */
function cleaned(rooms: Rooms, value: Json): Json {
  if (typeof value === 'string') return cleanText(rooms, value);
  if (Array.isArray(value)) return value.map((item) => cleaned(rooms, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cleaned(rooms, member)]));
}
