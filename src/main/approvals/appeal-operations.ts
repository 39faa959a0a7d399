import { toInstant } from '../../base/clock.ts';
import { HOUR_MS } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { makeVisible } from '../../catalog/visible.ts';
import type { AppealView } from '../../contract/appeal.ts';
import type { Operations } from '../../control/operations.ts';
import type { Appeal } from '../../model/appeal.ts';
import { answerAppeal } from '../../pipeline/appeal/appeal-acts.ts';
import { askedPermitText } from '../../policy/index.ts';
import type { House } from '../house.ts';

/** What operators do with what agents put before them. Nothing here permits anything. */
export function appealOperations(house: House): Pick<Operations, 'appeals' | 'appeal' | 'answerAppeal'> {
  const { appeals, clock } = house;
  const unknown = (id: string) => err(problem('UNKNOWN_APPEAL', { appeal: id }));
  return {
    appeals: async () => appeals.all().map((appeal) => viewOf(house, appeal)),
    async appeal(id) {
      const kept = appeals.find(id);
      return kept === undefined
        ? unknown(id)
        : ok({ ...viewOf(house, kept.appeal), ...problemsOf(house, kept.appeal) });
    },
    async answerAppeal(id, person, said) {
      const kept = appeals.find(id);
      if (kept === undefined) return unknown(id);
      const unfit = whyUnfit(kept.appeal, said.option);
      if (unfit !== null) return err(unfit);
      const done = await house.operate(answerAppeal(appeals, kept, person, said, () => clock.now()));
      return done.ok ? ok(viewOf(house, kept.appeal)) : done;
    },
  };
}

function whyUnfit({ content }: Appeal, option: number | undefined): Problem | null {
  if (option === undefined) return null;
  return option < optionsOf(content).length ? null : problem('OPTION_UNKNOWN');
}

const optionsOf = (content: Appeal['content']): string[] => {
  const options = content['options'];
  return Array.isArray(options) ? options.map(String) : [];
};

function viewOf(house: House, appeal: Appeal): AppealView {
  const { id, kind, agent, owner, backup, content, answer, repeats } = appeal;
  return {
    appeal: id,
    kind,
    agent,
    owner,
    repeats,
    state: answer === undefined ? 'waiting' : answer.answer === 'no' ? 'refused' : 'answered',
    made: toInstant(appeal.madeAtMs),
    expires: toInstant(appeal.expiresAtMs),
    people: [owner, ...(backup === undefined ? [] : [backup])],
    says: SAYS.flatMap((name) => {
      const value = content[name];
      if (value === undefined) return [];
      return [
        { name, text: visible(isJsonObject(value) ? `${value['type']} ${value['id']}` : String(value)) },
      ];
    }),
    options: optionsOf(content).map(makeVisible),
    ...(kind === 'permission' ? { rule: ruleOf(appeal), ...worstOf(house, appeal) } : {}),
    ...(answer === undefined ? {} : { answer: answerOf(answer) }),
  };
}

const SAYS = ['question', 'operation', 'target', 'need', 'hours', 'worst', 'done', 'left'] as const;

/** Lines stay lines; nothing in them can hide. */
const visible = (text: string): string => text.split('\n').map(makeVisible).join('\n');

function answerOf({ atMs, ...rest }: NonNullable<Appeal['answer']>): NonNullable<AppealView['answer']> {
  return { ...rest, at: toInstant(atMs) };
}

function ruleOf({ id, agent, content, madeAtMs }: Appeal): string {
  const target = content['target'];
  return askedPermitText({
    id: `asked-${id.toLowerCase()}`,
    agent,
    operation: String(content['operation']),
    ...(isJsonObject(target) ? { target: { type: String(target['type']), id: String(target['id']) } } : {}),
    untilMs: madeAtMs + Number(content['hours']) * HOUR_MS,
    need: String(content['need']),
  });
}

function worstOf(house: House, { content }: Appeal): { readonly worst?: string } {
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(String(content['operation'])) ?? [];
  const worst = house.standing.inForce.upstreams.get(upstream)?.entryOf(leaf)?.worst;
  return worst === undefined ? {} : { worst };
}

/** Tried beside the rules in force, for the person who reads it; the agent is not told. */
function problemsOf(house: House, appeal: Appeal): { readonly problems?: readonly string[] } {
  if (appeal.kind !== 'permission') return {};
  const { parts } = house.standing;
  const file = { name: 'asked.cedar', text: ruleOf(appeal) };
  const tried = house.standing.try({ ...parts, policies: [...parts.policies, file] });
  return tried.ok
    ? {}
    : { problems: tried.error.filter((one) => one.file === file.name).map(({ message }) => message) };
}
