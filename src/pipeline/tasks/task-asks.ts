import { abortSignalOf } from '../../base/cancel.ts';
import { RELATED_TASK } from '../../intake/upstream-task.ts';
import type { CallControl } from '../ports/call.ts';
import type { OpenAsk, Task } from './task.ts';

/**
 * Puts what a task asks to a client of the older generation, on the stream of a request of its own: what is open now, and
 * what comes. One that the client leaves unanswered by going away stays open. `shownAs`: the id under which the client
 * knows the task; null where it knows of none. Answers how to leave.
 */
export function putToClient(task: Task, control: CallControl, shownAs: string | null): () => void {
  const { ask, signal } = control;
  if (ask === undefined) return () => undefined;
  const put = (key: string, open: OpenAsk): void => {
    open.isPut = true;
    const { method, params } = open.asked.ask;
    const related = shownAs === null ? {} : { _meta: { [RELATED_TASK]: { taskId: shownAs } } };
    const over = AbortSignal.any([abortSignalOf(signal), open.over.signal]);
    void ask({ method, params: { ...params, ...related } }, over).then((said) => {
      open.isPut = false;
      return task.source?.said(key, said);
    });
  };
  const putAll = (): void => {
    for (const [key, open] of task.asks) if (!open.isPut && !signal.aborted) put(key, open);
  };
  putAll();
  return task.watch(putAll);
}
