import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type {
  ApprovalRow,
  BatchView,
  GrantRow,
  LessView,
  QuestionPage,
} from '../../src/contract/approval.ts';
import type { ApiChange, ApiOpenSession } from '../../src/contract/control-api.ts';
import type * as Reads from '../../src/contract/control-reads.ts';
import { appealsOf } from './appeals.ts';
import { casesOf } from './cases.ts';
import { logPage, logView, rulesView, storyOf } from './papers.ts';
import { World } from './world.ts';

const PAGE = 50;

/** Answers what a page asks as `control` would, from a world of its own; false: it was not asked. */
export function mockControl(nowMs: number = systemClock.now()) {
  const world = new World(nowMs);
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/v1/')) return false;
    request.resume();
    response.setHeader('date', new Date(nowMs).toUTCString());
    if (url.pathname === '/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
      const alive = setInterval(() => response.write(':\n\n'), LIMITS.streamKeepAliveMs);
      response.on('close', () => clearInterval(alive));
      return true;
    }
    const value = answer(world, url.pathname.slice(4), url.searchParams);
    response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        value ?? { error: { code: 'ROUTE_UNKNOWN', sentence: 'There is nothing at this address.' } },
      ),
    );
    return true;
  };
}

function answer(world: World, path: string, asked: URLSearchParams): unknown {
  const [noun, id, more] = path.split('/').map(decodeURIComponent);
  switch (noun) {
    case 'instance':
      return { version: '0.1.0', claimed: true };
    case 'session':
      return SIGNED_IN;
    case 'sign-in':
      if (id === 'start')
        return { options: { challenge: 'bW9jaw', rpId: 'localhost', userVerification: 'required' } };
      return { ...SIGNED_IN, token: 'lys_mock' };
    case 'sign-out':
      return {};
    case 'overview':
      return world.overview();
    case 'questions':
      return questionPage(world, asked.get('of') ?? 'mine');
    case 'alerts':
      return { undelivered: [], alerts: alertsOf(world) };
    case 'approvals':
      if (more === 'less') return lessOf(world, id ?? '');
      return id === undefined ? world.approvals() : world.approval(id);
    case 'batch':
      return batchOf(world, (asked.get('of') ?? '').split(','));
    case 'grants':
      return [grantOf(world)];
    case 'appeals':
      return id === undefined ? appealsOf(world) : appealsOf(world).find((one) => one.appeal === id);
    case 'cases':
      return id === undefined ? casesOf(world) : casesOf(world).find((one) => one.case === id);
    case 'agents':
      if (more === 'look') return sampleOf(world, id ?? '');
      return id === undefined ? world.agents() : agentView(world, id);
    case 'actions':
      if (more === 'explain') return EXPLAINED;
      return id === undefined ? pageOf(world, asked) : storyOf(world, id);
    case 'people':
      return PEOPLE;
    case 'stop-keys':
      return { keys: [{ id: '2b428471', person: 'ada', made: world.at(86_400_000) }], codes: 12 };
    case 'sessions':
      return sessionsOf(world);
    case 'inventory':
      return { rows: world.abilities(), unseen: ['wiki'] };
    case 'rules':
      return id === 'try' ? TRIED : rulesView();
    case 'log':
      return id === undefined ? logView() : logPage(world, Number(asked.get('before') ?? 200_002));
    case 'changes':
    case 'unconfirmed':
      return id === undefined ? [] : changeOf(world, id);
    case 'drills':
      return drillsOf(world);
    case 'duties':
      return dutiesOf(world);
    default:
      return undefined;
  }
}

const GRAVITY = ['unclassified', 'external', 'merge', 'comment', 'draft', 'read'];

function questionPage(world: World, of: string): QuestionPage {
  const gravity = ({ risk = 'unclassified' }: ApprovalRow) => GRAVITY.indexOf(risk);
  const rows = world
    .approvals()
    .filter(({ state, people }) =>
      state === 'waiting' ? people.includes('ada') === (of === 'mine') && of !== 'over' : of === 'over',
    )
    .sort((a, b) => gravity(a) - gravity(b) || (a.asked < b.asked ? -1 : 1));
  const kinds = [...Map.groupBy(rows, ({ alike }) => alike)].filter(
    ([alike, some]) => of === 'mine' && alike !== null && some.length > 1,
  );
  return {
    count: rows.length,
    from: 0,
    rows,
    alike: kinds.map(([, some]) => ({
      operation: some[0]?.operation ?? '',
      count: some.length,
      of: some.map(({ approval }) => approval),
    })),
  };
}

function lessOf(world: World, id: string): LessView | undefined {
  const view = world.approval(id);
  if (view === undefined) return undefined;
  const [target] = view.targets;
  const exception = `principal == Agent::"${view.agent}" && action == Action::"${view.operation}" && resource == ${target?.type}::"${target?.id}"`;
  const [why] = view.why;
  const before = `@id("${why?.rule}")\n@reason("${why?.reason}")\n@review("${why?.who}")`;
  const text = `${before}\nforbid (principal, action, resource)\nunless { ${exception} };`;
  return {
    ...{ approval: id, agent: view.agent, operation: view.operation, targets: view.targets, refused: null },
    exception,
    rules: [{ rule: why?.rule ?? '', file: 'policies/basics.cedar', line: 12, text }],
    shown: `sha256:${'1e55'.repeat(16)}`,
    worst: view.worst ?? null,
    ends: '2 other questions that wait end with it: each is asked anew when its agent comes back.',
    since: world.at(30 * 86_400_000),
    passed: {
      ...{ count: 14, approved: 11, refused: 2, strangers: 5 },
      actions: world.rows
        .slice(0, 3)
        .map(({ action, at }, n) => ({ action, at, said: n === 0 ? ('no' as const) : ('yes' as const) })),
    },
    stillHeld: 3,
    unknown: [{ why: 'its arguments are no longer kept', count: 2 }],
  };
}

function batchOf(world: World, ids: readonly string[]): BatchView {
  const views = ids.flatMap((id) => world.approval(id) ?? []);
  return {
    refused: null,
    common: [{ path: 'owner', text: '"example"' }],
    rows: views.map((view) => ({ ...view, differs: [{ path: 'body', text: '"Closes \\u{202e}this"' }] })),
  };
}

function grantOf(world: World): GrantRow {
  return {
    grant: '01J00000000000000000000GRA',
    approval: '01J00000000000000000000QUE',
    agent: 'writer',
    operation: 'mcp:files/write_file',
    targets: [{ type: 'Path', id: '/srv/site/docs/faq.md' }],
    door: 'mcp',
    rules: ['writing-after-the-web-needs-a-person'],
    reviews: ['owner'],
    person: 'ada',
    given: world.at(3_600_000),
    expires: world.at(-3_600_000),
    times: 10,
    used: 4,
  };
}

const PEOPLE = [
  {
    ...{ id: 'ada', name: 'Ada Lovelace', roles: ['owner', 'reviewer', 'admin'] },
    passkeys: [
      { credential: 'Qm9va3NoZWxm', via: 'code', enrolled: '2026-10-02T09:00:00.000Z' },
      { credential: 'V2luZG93c2lsbA', via: 'second', enrolled: '2026-10-02T09:20:00.000Z' },
    ],
  },
  { id: 'grace', name: 'Grace Hopper', email: 'grace@example.org', roles: ['owner'], passkeys: [] },
];

function sessionsOf(world: World): ApiOpenSession[] {
  const at = { origin: 'https://lanyard.example.org', expires: world.at(-7 * 3_600_000) };
  const one = { ...at, person: 'ada', opened: world.at(3_600_000), used: world.at(2_000), isThis: false };
  return [
    { ...one, session: '51a7c0de0001', from: '100.101.7.20', isThis: true },
    { ...one, session: '51a7c0de0002', from: '100.101.7.44', used: world.at(1_500_000) },
    {
      ...one,
      session: '51a7c0de0003',
      from: '127.0.0.1',
      origin: 'http://localhost:7300',
      used: world.at(900_000),
    },
    { ...one, session: '51a7c0de0004', from: '2001:db8:85a3::8a2e:370:7334', person: 'grace' },
  ];
}

const SIGNED_IN = {
  person: 'ada',
  name: 'Ada Lovelace',
  roles: ['owner', 'reviewer', 'admin'],
  expires: '2027-01-01T00:00:00.000Z',
  passkeys: 2,
};

const TRIED: Reads.TriedRules = {
  decision: false,
  context: {
    decision: 'review',
    code: 'REVIEW',
    rules: ['comments-need-a-person'],
    reason: 'It speaks to people outside, in public.',
  },
};

function agentView(world: World, id: string): Reads.AgentView | undefined {
  const agent = world.agents().find((one) => one.id === id);
  if (agent === undefined) return undefined;
  return {
    agent,
    abilities: world.abilities().filter((row) => row.agent === id),
    tokens: [{ id: 't-7f3a', expiresAt: world.at(-80 * 86_400_000) }],
    budgets: [
      {
        ...{ id: 'deletions', measure: 'actions', per: 'day', of: ['effect:delete'], each: false },
        ...{ limit: 20, used: 17, left: 3, resetsAt: world.at(-3_600_000) },
        says: '17 actions of 20 actions per day; 3 actions left',
      },
    ],
    halfOpenUntil: world.at(-1_800_000),
  };
}

function sampleOf(world: World, agent: string): Reads.LeaseSample {
  return {
    agent,
    ...{ at: world.at(0), since: world.at(5.8 * 86_400_000), upTo: 200_001, actions: 412, more: false },
    sample: world.rows.filter((row) => row.agent === agent && row.decision === 'allow').slice(0, 6),
    shown: `sha256:${'55c1'.repeat(16)}`,
  };
}

const EXPLAINED = {
  text: `review APPROVAL_PENDING: mcp:github/add_issue_comment needs a person (owner).
because of comments-need-a-person
asks owner (comments-need-a-person)

Issue "example/site#41": review APPROVAL_PENDING by comments-need-a-person
  permit speaks-in-our-repos (policies/basics.cedar:3): holds
  forbid comments-need-a-person (policies/basics.cedar:12): holds
    when { context.system.marks.contains("untrusted") } → true
  it would have been allowed if
    comments-need-a-person did not hold:
      \`context.system.marks\` would have to be without "untrusted"`,
};

function pageOf(world: World, asked: URLSearchParams): Reads.ActionPage {
  const [agent, session, fate, text] = ['agent', 'session', 'fate', 'text'].map((name) => asked.get(name));
  const before = Number(asked.get('before') ?? Number.MAX_SAFE_INTEGER);
  const found = world.rows.filter(
    (row) =>
      row.seq < before &&
      (agent === null || row.agent === agent) &&
      (session === null || row.session === session) &&
      (fate === null || row.decision === fate || row.outcome === fate) &&
      (text === null || JSON.stringify(row).includes(text ?? '')),
  );
  const rows = found.slice(0, PAGE);
  const last = rows.at(-1);
  return { rows, before: found.length > PAGE ? (last?.seq ?? null) : null, lookedBackTo: last?.at ?? null };
}

function dutiesOf(world: World): Reads.DutiesView {
  const waiting = world.approvals().filter(({ state }) => state === 'waiting');
  return {
    duties: [
      {
        kind: 'alert',
        person: 'role:security',
        sentence: 'Operator acts came by the socket, one soon after the other.',
        agent: null,
        path: '/alerts/alert-1',
        since: world.at(540_000),
      },
      ...waiting.map((row) => ({
        kind: 'approval' as const,
        person: row.owner,
        sentence: `${row.agent} asks: ${row.operation}`,
        agent: row.agent,
        path: `/approvals/${row.approval}`,
        since: row.asked,
      })),
      ...casesOf(world).map((one) => ({
        kind: 'case' as const,
        person: 'ada',
        sentence: `${one.scope} was stopped: look into it, and close it`,
        agent: 'deployer',
        path: `/cases/${one.case}`,
        since: one.opened,
      })),
      {
        kind: 'unknown',
        person: 'grace',
        sentence: 'research: mcp:mail/send has an unknown end; look whether it was done',
        agent: 'research',
        path: `/actions/${world.rows.find((row) => row.outcome === 'unknown')?.action ?? ''}`,
        since: world.at(7_200_000),
      },
      {
        kind: 'look',
        person: 'ada',
        sentence: 'writer: look at what it did; it soon stops acting by itself',
        agent: 'writer',
        path: '/agents/writer',
        since: world.at(5.8 * 86_400_000),
      },
    ],
  };
}

/** The writer gets quicker; the deployer could not be drilled, and the last of triage let something through. */
function drillsOf(world: World): Reads.DrillsView {
  const day = 86_400_000;
  const runsOf = (count: number, heldLast: boolean): Reads.DrillRun[] =>
    Array.from({ length: count }, (_, n) => ({
      at: world.at((count - n) * 7 * day - day),
      drill: `01M0CKDR1LL00000000000000${n}`,
      level: 'frozen',
      held: heldLast || n < count - 1,
      ms: 31 - n * 1.3 + ((n * 7) % 5),
      things: 14,
      broken: heldLast || n < count - 1 ? [] : ['call: 2025-11-25 to stdio'],
      notTried: ['an open tunnel'],
    }));
  return {
    every: '7d',
    agents: world.agents().map(({ id }, at) => ({
      agent: id,
      overdue: id === 'deployer',
      dueAt: at === 5 ? null : world.at(-6 * day),
      runs: at === 5 ? [] : runsOf(16 - at * 2, id !== 'triage'),
    })),
  };
}

function changeOf(world: World, id: string): ApiChange {
  const [act, fields] = id.endsWith('TEST0000')
    ? [
        'test-approval',
        { kind: 'approval.tested', approval: id, test: true, subject: 'ada', answer: 'approve' },
      ]
    : ['apply', APPLIED];
  return {
    id,
    act,
    asked: 'socket',
    expires: world.at(-240_000),
    change: `sha256:${'77b0'.repeat(16)}`,
    state: 'waiting',
    fields,
  };
}

const APPLIED = {
  kind: 'operator.applied',
  changes: ['policies/basics.cedar: rule no-dotfiles changed', 'agent cleaner: level live → watched'],
};

function alertsOf(world: World): readonly object[] {
  return [
    {
      id: 'alert-1',
      page: true,
      says: 'More than 3 operator acts by socket within 10 minutes. If that was not you, a program of this user did it.',
      opened: world.at(540_000),
    },
    {
      id: 'alert-2',
      page: true,
      says: 'A breaker tripped: an agent behaved abnormally and was stopped.',
      agent: 'deployer',
      opened: world.at(3_600_000),
    },
  ];
}
