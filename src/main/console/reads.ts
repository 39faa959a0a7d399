import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ActionStory, LogPage, LogView, RulesView, TriedRules } from '../../contract/control-reads.ts';
import type { PrintedEntry } from '../../contract/log-entry.ts';
import type { Operations } from '../../control/operations.ts';
import type { Reads } from '../../control/reads.ts';
import { bundleHeader, bundleLines, parseVerifierKey, printEntry } from '../../ledger/index.ts';
import { traceAction } from '../evidence/trace.ts';
import { Uses } from '../evidence/uses.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { decideTrial, type Trial } from '../lab/decide-request.ts';
import { agentRows, agentView, inventoryNow } from './agents.ts';
import { drillsOf } from './drills.ts';
import { dutiesOf } from './duties.ts';
import { storyOfEdit } from './edited-action.ts';
import { fateOf } from './fate.ts';
import { NeverUsed } from './never-used.ts';
import { OpenEnds } from './open-ends.ts';
import { overviewOf } from './overview.ts';
import { rowNow, storyNow } from './question-now.ts';
import { Questions } from './questions.ts';
import { ruleAnswers } from './rule-answers.ts';
import { searchActions } from './search.ts';

/** What the console reads of this house. */
export function createReads(
  house: House,
  around: Surroundings,
  { apply, alerts }: Pick<Operations, 'apply' | 'alerts'>,
): Reads {
  const uses = new Uses();
  const questions = new Questions(house);
  const duties = { openEnds: new OpenEnds(), neverUsed: new NeverUsed(uses), alerts };
  // The first look reads the log: it begins when a console opens, and not when somebody waits for the page.
  let isRead = false;
  const readAhead = () => {
    if (isRead) return;
    isRead = true;
    // Whoever asks for the page meets the fault, where there is one.
    dutiesOf(house, duties, []).catch(() => undefined);
  };
  return {
    overview: (reader) => {
      readAhead();
      return overviewOf(house, reader, questions);
    },
    agents: async () => agentRows(house),
    agent: (id) => agentView(house, uses, id),
    async actions(query) {
      const page = await searchActions(house.store, house.clock, query);
      return { ...page, rows: page.rows.map((row) => rowNow(house, row)) };
    },
    async action(id) {
      const { configPath, state } = around;
      // The trace is this shape by construction; the contract only gives its members names.
      const storyOf = async (action: string) =>
        toldAs<ActionStory>(await traceAction(house.store, { configPath, state }, action));
      const story = (await storyOf(id)) ?? (await storyOfEdit(house.store, id, storyOf));
      return story === null ? null : storyNow(house, story);
    },
    rules: () => rulesOf(house, apply),
    tryRules: (trial) => tryRules(house, trial),
    inventory: () => inventoryNow(house, uses),
    log: () => logOf(house),
    logEntries: (before) => logPage(house, before),
    exportLog: () => exported(house),
    duties: async () => ({ duties: await dutiesOf(house, duties, questions.waiting) }),
    drills: () => drillsOf(house),
    questions: (reader, of, from) => questions.page(reader.id, of, from),
    fate: (approval) => fateOf(house.store, approval),
    follow: (tell) => house.activity.follow(tell),
  };
}

function toldAs<T>(value: JsonObject | null): T | null {
  return value as T | null;
}

async function rulesOf(house: House, apply: Operations['apply']): Promise<RulesView> {
  const { inForce, parts } = house.standing;
  const difference = await apply(true);
  const answers = await ruleAnswers(house.store, house.clock.now());
  return {
    set: parts.digest,
    policy: inForce.policy.digest,
    files: [],
    rules: inForce.policy.rules.map(({ id, file, line, effect, annotations, text }) => ({
      id,
      file,
      line,
      effect,
      text,
      reason: annotations.reason ?? annotations.need ?? null,
      review: annotations.review ?? null,
      ...(annotations.review === undefined ? {} : { answers: answers.get(id) ?? { yes: 0, no: 0 } }),
    })),
    pending: difference.ok
      ? difference.value.changes.length === 0
        ? null
        : { changes: difference.value.changes, problem: null }
      : { changes: difference.error.details ?? [], problem: difference.error.sentence },
  };
}

function tryRules(house: House, trial: Trial): TriedRules {
  const { decision, context } = decideTrial(house.rooms, house.standing.inForce, trial);
  return { decision: decision === true, context: (context ?? {}) as JsonObject };
}

async function logOf({ recorder, signer, store }: House): Promise<LogView> {
  const checkpoint = await store.lastCheckpoint();
  const key = parseVerifierKey(signer.verifierKey);
  return {
    origin: signer.name,
    key: signer.verifierKey,
    fingerprint: key.ok ? key.value.fingerprint : '',
    entries: recorder.size,
    checkpoint: checkpoint?.note ?? null,
    covered: checkpoint?.size ?? 0,
  };
}

async function logPage({ store }: House, asked: number | undefined): Promise<LogPage> {
  const before = Math.min(asked ?? Number.MAX_SAFE_INTEGER, await store.size());
  const from = Math.max(0, before - LIMITS.logPage);
  const found = await store.newest({ from, before, limit: LIMITS.logPage });
  return {
    entries: found.map(({ text, leaf }) => JSON.parse(printEntry(text, leaf)) as PrintedEntry),
    before: from > 0 ? from : null,
  };
}

async function exported({ recorder, signer, store }: House): Promise<AsyncIterable<string> | null> {
  await recorder.checkpoint().catch(() => undefined);
  const checkpoint = await store.lastCheckpoint();
  if (checkpoint === null) return null;
  return (async function* () {
    yield bundleHeader(signer.name, signer.verifierKey, checkpoint.note);
    for await (const page of store.entries(0, checkpoint.size)) yield bundleLines(page);
  })();
}
