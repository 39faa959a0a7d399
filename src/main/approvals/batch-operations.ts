import { problem } from '../../base/errors.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok } from '../../base/result.ts';
import { makeVisible } from '../../catalog/visible.ts';
import type { ApprovalView, BatchView } from '../../contract/approval.ts';
import type { Operations } from '../../control/operations.ts';
import { unknownApproval } from '../../pipeline/approval/approval-acts.ts';
import type { Kept } from '../../pipeline/approval/approval-kept.ts';
import { approveBatch, whyNoBatch } from '../../pipeline/approval/batch-acts.ts';
import type { House } from '../house.ts';
import { viewOf } from './approval-view.ts';

/** Many alike: what differs among them, and one answer to all. */
export function batchOperations(house: House): Pick<Operations, 'batch' | 'approveBatch'> {
  const { rooms } = house;
  return {
    async batch(ids, person) {
      const missing = ids.find((id) => rooms.approvals.find(id) === undefined);
      if (missing !== undefined) return err(unknownApproval(missing));
      if (ids.length > LIMITS.answersAtOnce)
        return err(problem('BATCH_SIZE', { limit: LIMITS.answersAtOnce }));
      const chosen = ids.flatMap((id) => rooms.approvals.find(id) ?? []);
      const views = await Promise.all(
        chosen.map(async (kept) => ({ kept, view: await viewOf(house, kept) })),
      );
      for (const { kept, view } of views)
        if (person !== null && view.digest === kept.approval.digest) rooms.approvals.show(kept, person);
      return ok(await batchView(house, views));
    },
    async approveBatch(answers, person) {
      const missing = answers.find(({ approval }) => rooms.approvals.find(approval) === undefined);
      if (missing !== undefined) return err(unknownApproval(missing.approval));
      const chosen = answers.flatMap(({ approval, digest }) => {
        const kept = rooms.approvals.find(approval);
        return kept === undefined ? [] : [{ kept, digest }];
      });
      const done = await house.operate(approveBatch(rooms, chosen, person));
      return done.ok ? ok(done.value.value) : done;
    },
  };
}

type Viewed = { readonly kept: Kept; readonly view: ApprovalView };

async function batchView(house: House, views: readonly Viewed[]): Promise<BatchView> {
  const flat = await Promise.all(views.map(({ kept }) => leavesOf(house, kept)));
  const same = (path: string, text: string) => flat.every((leaves) => leaves?.get(path) === text);
  const [first] = flat;
  const kepts = views.map(({ kept }) => kept);
  return {
    refused: whyNoBatch(house.rooms, kepts)?.sentence ?? null,
    common: [...(first ?? [])]
      .filter(([path, text]) => same(path, text))
      .map(([path, text]) => ({ path, text })),
    rows: views.map(({ view }, i) => ({
      approval: view.approval,
      digest: view.digest,
      agent: view.agent,
      state: view.state,
      targets: view.targets,
      expires: view.expires,
      people: view.people,
      redacted: view.redacted,
      operation: view.operation,
      why: view.why,
      marks: view.marks,
      differs: [...(flat[i] ?? [])]
        .filter(([path, text]) => !same(path, text))
        .map(([path, text]) => ({ path, text })),
    })),
  };
}

/** Every value in the arguments by its path, made visible; null: they are no longer kept. */
async function leavesOf(house: House, { asked }: Kept): Promise<ReadonlyMap<string, string> | null> {
  const body = await house.store.body(asked.action, 'arguments');
  if (body === null) return null;
  const found = new Map<string, string>();
  const walk = (value: Json, path: string): void => {
    if (Array.isArray(value) && value.length > 0)
      for (const [i, one] of value.entries()) walk(one, `${path}[${i}]`);
    else if (isJsonObject(value) && Object.keys(value).length > 0)
      for (const [name, one] of Object.entries(value))
        walk(one as Json, path === '' ? name : `${path}.${name}`);
    else found.set(makeVisible(path), makeVisible(JSON.stringify(value)));
  };
  walk(JSON.parse(body.text) as Json, '');
  return found;
}
