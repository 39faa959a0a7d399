import type * as Reads from '../../src/contract/control-reads.ts';
import type { PrintedEntry } from '../../src/contract/log-entry.ts';
import type { World } from './world.ts';

const LEAF = 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=';
const SET = `sha256:${'5c1d'.repeat(16)}`;
const POLICY = `sha256:${'9a07'.repeat(16)}`;

const RULES: readonly Reads.RuleText[] = [
  {
    id: 'reading-is-fine',
    file: 'policies/basics.cedar',
    line: 1,
    effect: 'permit',
    reason: 'Nothing changes by reading.',
    review: null,
    text: '@id("reading-is-fine")\n@need("Nothing changes by reading.")\npermit (principal, action in Action::"risk:read", resource);',
  },
  {
    id: 'comments-need-a-person',
    file: 'policies/basics.cedar',
    line: 5,
    effect: 'forbid',
    reason: 'It speaks to people outside, in public.',
    review: 'owner',
    text: '@id("comments-need-a-person")\n@review("owner")\n@reason("It speaks to people outside, in public.")\nforbid (principal, action in Action::"risk:comment", resource);',
  },
  {
    id: 'no-dotfiles',
    file: 'policies/basics.cedar',
    line: 10,
    effect: 'forbid',
    reason: 'Secrets live in files that begin with a dot.',
    review: null,
    text: '@id("no-dotfiles")\nforbid (principal, action, resource is Path)\nwhen { resource.name like ".*" }; // .env, .git, .ssh',
  },
];

export function rulesView(): Reads.RulesView {
  return {
    set: SET,
    policy: POLICY,
    files: [],
    rules: RULES,
    pending: {
      changes: ['policies/basics.cedar: rule no-dotfiles changed', 'agent cleaner: level live → watched'],
      problem: null,
    },
  };
}

export function storyOf(world: World, id: string): Reads.ActionStory | undefined {
  const row = world.rows.find(({ action }) => action === id);
  if (row === undefined) return undefined;
  const decided = {
    seq: row.seq,
    at: row.at,
    kind: 'action.decided',
    action: row.action,
    agent: row.agent,
    owner: 'ada',
    session: row.session ?? '',
    operation: row.operation,
    targets: [...row.targets],
    decision: row.decision,
    ...(row.code === null ? {} : { code: row.code }),
    digest: `sha256:${'4be1'.repeat(16)}`,
    marks: ['untrusted'],
    policy: POLICY,
    leaf: LEAF,
  };
  const ran = row.outcome !== null;
  return {
    action: id,
    decided,
    outcome: ran
      ? { seq: row.seq + 1, at: row.endedAt ?? row.at, kind: 'action.outcome', outcome: row.outcome ?? '' }
      : null,
    between: [],
    digest: { recorded: decided.digest, holds: true },
    arguments: {
      kept: true,
      holds: true,
      digest: decided.digest,
      text: JSON.stringify({ path: row.targets[0]?.id ?? '' }),
    },
    result: ran
      ? {
          kept: true,
          holds: true,
          digest: decided.digest,
          text: JSON.stringify({ content: [{ type: 'text', text: '# Installing\n' }] }),
        }
      : { kept: false, digest: null, why: 'there is none' },
    rules: RULES.filter((rule) => row.rules.includes(rule.id)),
    inForce: { set: SET, policy: POLICY },
    operation: {
      risk: 'read',
      effect: ['read'],
      reversibility: 'read-only',
      audience: 'self',
      worst: null,
      undo: null,
    },
    claims: { reason: 'I was asked to look at the guide', by: row.agent },
    marks: [],
    sessions: [],
    approval: null,
  };
}

export function logView(): Reads.LogView {
  return {
    origin: 'lanyard.example.org/7c41d0',
    key: 'lanyard.example.org/7c41d0+5be2ff08+AYq9rr4nS2mqk3VJ9Qz3mMZlC8S4dE1mQj2l0c1TnA4b',
    fingerprint: `sha256:${'1f9e'.repeat(16)}`,
    entries: 200_001,
    covered: 200_000,
    checkpoint: `lanyard.example.org/7c41d0\n200000\n${LEAF}\n\n— lanyard.example.org/7c41d0 W+L/CB8m0vG7…\n`,
  };
}

export function logPage(world: World, before: number): Reads.LogPage {
  const rows = world.rows.filter(({ seq }) => seq < before).slice(0, 30);
  const entries = rows.map(
    (row): PrintedEntry => ({
      seq: row.seq,
      at: row.at,
      kind: 'action.decided',
      action: row.action,
      agent: row.agent,
      operation: row.operation,
      decision: row.decision,
      leaf: LEAF,
      ...(row.code === null ? {} : { code: row.code }),
    }),
  );
  return { entries, before: rows.at(-1)?.seq ?? null };
}
