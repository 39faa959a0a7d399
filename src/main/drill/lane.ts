import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type CanaryAgent, SURFACES } from '../doctor/agent.ts';
import { CANARIES } from './stage.ts';

/** What became of one call of a canary: it ran, it was stopped, or nothing came. */
export type Fate = 'ran' | 'stopped' | 'lost';

/** One way in which an agent acts, and what a stop must end there. */
export interface Lane {
  readonly name: string;
  /** A short call that says its number; the canary sees it where it arrives. */
  pulse(number: number): Promise<Fate>;
  /** A call that its canary answers only when the drill is over; null where there is no such thing. */
  readonly hang: (() => Promise<Fate>) | null;
}

/** Every door, over every canary. */
export function lanesOf(agent: CanaryAgent, id: string): readonly Lane[] {
  const calls = SURFACES.flatMap((surface) =>
    CANARIES.map((server): Lane => {
      const name = `${surface} to ${server.endsWith('web') ? 'HTTP' : 'stdio'}`;
      const call = async (tool: string, text: string): Promise<Fate> => {
        try {
          const { kind } = await agent.call(surface, server, tool, { text });
          return kind === 'ok' ? 'ran' : kind === 'nothing' ? 'lost' : 'stopped';
        } catch {
          return 'lost';
        }
      };
      return { name, pulse: (number) => call('look', `${name} ${number}`), hang: () => call('wait', name) };
    }),
  );
  return [...calls, { name: 'check', pulse: () => askAndTell(agent, id), hang: null }];
}

/** A question at the check door; what it allows is told to be over at once, so that nothing stays open. */
async function askAndTell(agent: CanaryAgent, id: string): Promise<Fate> {
  try {
    const answer = await said(agent, '/access/v1/evaluation', {
      subject: { type: 'Agent', id },
      action: { name: `mcp:${CANARIES[0]}/look` },
      resource: { type: 'Target', id: CANARIES[0] },
      context: { input: {} },
    });
    if (answer['decision'] !== true) return 'stopped';
    const context = isJsonObject(answer['context']) ? answer['context'] : {};
    await said(agent, '/access/v1/outcome', { action: String(context['action']), outcome: 'ok' });
    return 'ran';
  } catch {
    return 'lost';
  }
}

async function said(agent: CanaryAgent, path: string, body: JsonObject): Promise<JsonObject> {
  const { text } = await agent.send(path, { headers: {}, body: JSON.stringify(body) });
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isJsonObject(value) ? value : {};
}
