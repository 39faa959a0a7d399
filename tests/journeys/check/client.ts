import { join } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import { filesystem, fixture, GovernedInstance } from '../instance.ts';

/** What the check door answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

/** How often `hasty` may ask in a minute: few, so that it is over whatever the machine's speed. */
export const FEW = 3;

const AGENTS = ['writer', 'other', 'hasty'].map((id) => ({
  id,
  owner: 'ada',
  purpose: 'Looks',
  ...(id === 'hasty' ? { limits: { attemptsPerMinute: FEW } } : {}),
}));

/** An instance with files, a wiki that no catalog classifies, and a point that speaks for `writer` alone. */
export function startChecked(rules?: string): Promise<GovernedInstance> {
  return GovernedInstance.start((ground) => ({
    upstreams: {
      files: filesystem,
      wiki: fixture(ground, join(import.meta.dirname, '../clients/upstream.mjs')),
    },
    plain: ['steps'],
    agents: JSON.stringify(AGENTS),
    points: '[{ id: ci-gate, agents: [writer] }, { id: watcher, agents: [writer, other, hasty] }]',
    ...(rules === undefined ? {} : { rules }),
  }));
}

export async function pointToken(instance: GovernedInstance, point = 'ci-gate'): Promise<string> {
  const { stdout } = await instance.ground.run(`point token ${point}`);
  return stdout.trim();
}

/** One request, by fetch. */
export async function ask(
  instance: Pick<GovernedInstance, 'url'>,
  token: string | null,
  path: string,
  body: Json | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`${instance.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
}

/** May this agent read this file? */
export function reading(path: string, agent = 'writer', context: JsonObject = {}): JsonObject {
  return {
    subject: { type: 'Agent', id: agent },
    action: { name: 'mcp:files/read_text_file' },
    resource: { type: 'Path', id: path },
    context: { input: { path }, ...context },
  };
}

export const EVALUATION = '/access/v1/evaluation';
export const EVALUATIONS = '/access/v1/evaluations';
export const OUTCOME = '/access/v1/outcome';

/** The id of the action that an answer is about. */
export function actionOf(answer: Json): string {
  const context = isJsonObject(answer) ? answer['context'] : undefined;
  const action = isJsonObject(context) ? context['action'] : undefined;
  if (typeof action !== 'string') throw new Error(`no action in ${JSON.stringify(answer)}`);
  return action;
}

/** The answers of many. */
export function answersOf(json: Json): readonly JsonObject[] {
  const answers = isJsonObject(json) ? json['evaluations'] : undefined;
  if (!Array.isArray(answers)) throw new Error(`no evaluations in ${JSON.stringify(json)}`);
  return answers.filter(isJsonObject);
}
