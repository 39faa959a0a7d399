import { problem } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { META } from '../../contract/mcp-meta.ts';
import type { Action } from '../../model/action.ts';
import type { Answer } from '../ports/answer.ts';

type Result = Extract<Answer, { kind: 'result' }>;

/** The agent is told what a person changed before it ran, however the call came to its end. */
export function tellEdited(answer: Result, { id, edited }: Action): Result {
  if (edited === undefined) return answer;
  const { action, result } = answer;
  const told = `${problem('EDITED', { person: edited.by }).sentence} ${JSON.stringify(edited.arguments)}`;
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const { content } = result;
  return {
    kind: 'result',
    action,
    result: {
      ...result,
      ...(Array.isArray(content) ? { content: [{ type: 'text', text: told }, ...content] } : {}),
      _meta: {
        ...meta,
        [META.edited]: { approval: edited.approval, action: id, arguments: edited.arguments },
      },
    },
  };
}
