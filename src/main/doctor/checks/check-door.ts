import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import type { CanaryAgent } from '../agent.ts';
import type { Check, Sight } from '../check.ts';
import { arrivalsDuring } from '../laboratory.ts';
import type { LaboratoryScene } from '../scene.ts';

const SURFACE = 'the check door (AuthZEN)';

function question(agent: string, tool: string, input: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    subject: { type: 'Agent', id: agent },
    action: { name: `mcp:web/${tool}` },
    resource: { type: 'Target', id: 'web' },
    context: { input },
    ...more,
  };
}

/** One question to the door, and how it has to answer. */
interface Probe {
  readonly did: string;
  readonly asker: CanaryAgent;
  readonly question: JsonObject;
  /** `true`; `false` with one of these codes; or refused with one of them. */
  readonly expected: true | readonly string[];
}

function questions(canary: CanaryAgent, still: CanaryAgent): readonly Probe[] {
  const fine = { text: 'fine' };
  return [
    {
      did: 'asked for what a rule permits',
      asker: canary,
      question: question('canary', 'write', fine),
      expected: true,
    },
    {
      did: 'asked for what a rule forbids',
      asker: canary,
      question: question('canary', 'write', { text: 'forbidden' }),
      expected: ['FORBIDDEN'],
    },
    {
      did: 'asked for what no rule permits',
      asker: canary,
      question: question('canary', 'merge', { text: 'x' }),
      expected: ['NO_PERMIT'],
    },
    {
      did: 'asked for what needs the owner',
      asker: canary,
      question: question('canary', 'write', { text: 'held' }),
      expected: ['APPROVAL_UNAVAILABLE', 'APPROVAL_PENDING'],
    },
    {
      did: 'asked with a number on which a rule overflows',
      asker: canary,
      question: question('canary', 'write', { ...fine, count: 7 }),
      expected: ['RULE_ERROR'],
    },
    {
      did: 'asked as the frozen agent',
      asker: still,
      question: question('still', 'look', {}),
      expected: ['FROZEN'],
    },
    {
      did: 'asked on behalf of another agent',
      asker: canary,
      question: question('other', 'write', fine),
      expected: [],
    },
    {
      did: 'tried to say what only Lanyard knows (context.system)',
      asker: canary,
      question: question('canary', 'write', fine, { context: { input: fine, system: { marks: [] } } }),
      expected: ['SYSTEM_CONTEXT'],
    },
  ];
}

/** Programs that act by themselves ask here first: the same rules must answer, and for nobody else. */
export const checkDoor: Check<LaboratoryScene> = {
  id: 'check-door',
  control: 'The check door answers by the same rules, and for its own agent alone',
  async run({ canary, still, web }) {
    const sights: Sight[] = [];
    const { arrived } = await arrivalsDuring(web, async () => {
      for (const one of questions(canary, still)) sights.push(await ask(one));
    });
    const nobody = await canary.send(PATH, { headers: { authorization: undefined }, body: '{}' });
    return [
      ...sights,
      {
        surface: SURFACE,
        did: 'asked without a token',
        saw: `HTTP ${nobody.status}`,
        fired: nobody.status === 401,
      },
      {
        surface: SURFACE,
        did: 'counted what its questions sent to the server',
        saw: arrived.length === 0 ? 'nothing' : `${arrived.length} calls`,
        fired: arrived.length === 0,
      },
    ];
  },
};

const PATH = '/access/v1/evaluation';

async function ask({ did, asker, question: body, expected }: Probe): Promise<Sight> {
  const { status, text } = await asker.send(PATH, { headers: {}, body: JSON.stringify(body) });
  const answer = read(text);
  const context = isJsonObject(answer['context']) ? answer['context'] : answer;
  const code =
    typeof context['code'] === 'string' ? context['code'] : (/"code":"([A-Z_]+)"/.exec(text)?.[1] ?? '');
  const allowed = status === 200 && answer['decision'] === true;
  const fired =
    expected === true
      ? allowed
      : !allowed && (expected.length === 0 || expected.includes(code) || status === 400);
  const said = status === 200 ? `decision: ${String(answer['decision'])}` : `HTTP ${status}`;
  return { surface: SURFACE, did, saw: code === '' ? said : `${said} (${code})`, fired };
}

function read(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
