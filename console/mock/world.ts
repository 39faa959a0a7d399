import { compareLines } from '../../src/catalog/pins/line-difference.ts';
import { makeVisible } from '../../src/catalog/visible.ts';
import type { ApprovalRow, ApprovalView } from '../../src/contract/approval.ts';
import type * as Reads from '../../src/contract/control-reads.ts';
import { comment, type Known, OPERATIONS } from './operations.ts';

/** A small firm as the mock has it: the same at every start, told from one moment on. */
const AGENTS = [
  ['writer', 'ada', 'grace', 'Fixes small bugs in our documentation', 'live', ['docs']],
  ['triage', 'grace', 'ada', 'Labels and answers new issues', 'watched', ['support']],
  ['invoices', 'katherine', 'ada', 'Checks incoming invoices and prepares payments', 'live', ['finance']],
  ['deployer', 'ada', null, 'Rolls releases out to staging', 'frozen', ['platform']],
  [
    'research',
    'grace',
    'katherine',
    'Reads the web and writes summaries for the team',
    'live',
    ['docs', 'sales'],
  ],
  ['cleaner', 'katherine', 'grace', 'Deletes old branches and stale build caches', 'live', ['platform']],
] as const;

const ids = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789';
export const idOf = (n: number): string => {
  let rest = n;
  let tail = '';
  for (let i = 0; i < 8; i++) {
    tail = `${ids[rest % 32]}${tail}`;
    rest = Math.floor(rest / 32);
  }
  return `01JDWX7Q4MZ8VN3K5T${tail}`;
};

/** A number below `below` that looks random and is the same every time. */
const pick = (seed: number, below: number): number =>
  (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) >>> 7) % below;

export class World {
  readonly nowMs: number;
  readonly rows: readonly Reads.ActionRow[];

  constructor(nowMs: number, count = 4000) {
    this.nowMs = nowMs;
    this.rows = Array.from({ length: count }, (_, n) => this.#row(n));
  }

  at(agoMs: number): string {
    return new Date(this.nowMs - agoMs).toISOString();
  }

  #row(n: number): Reads.ActionRow {
    const agent = AGENTS[pick(n * 7 + 3, AGENTS.length)] ?? AGENTS[0];
    const own = OPERATIONS.filter(({ agents }) => agents.includes(agent[0]));
    const known = own[pick(n * 13 + 5, own.length)] ?? comment;
    const agoMs = n * 4100 + pick(n, 2500);
    const frozen = agent[0] === 'deployer' && agoMs < 1_500_000;
    const chance = pick(n * 31 + 1, 100);
    const decision =
      frozen || chance < known.denied ? 'deny' : chance < known.denied + known.held ? 'review' : 'allow';
    const end = pick(n * 17 + 9, 200);
    const outcome = decision !== 'allow' || n < 2 ? null : end === 0 ? 'unknown' : end < 6 ? 'failed' : 'ok';
    return {
      action: idOf(90_000 - n),
      seq: 200_000 - n * 2,
      at: this.at(agoMs),
      agent: agent[0],
      session: `s${pick(n >> 5, 40)}-${agent[0]}`,
      door: 'mcp',
      operation: known.operation,
      targets: [{ type: known.type, id: known.targets[pick(n * 11, known.targets.length)] ?? '' }],
      decision,
      code:
        decision === 'allow'
          ? null
          : decision === 'review'
            ? 'APPROVAL_PENDING'
            : frozen
              ? 'FROZEN'
              : known.code,
      rules: decision === 'deny' && frozen ? [] : [decision === 'deny' ? known.forbiddenBy : known.rule],
      outcome,
      endedAt: outcome === null ? null : this.at(agoMs - 40 - pick(n, 900)),
    };
  }

  agents(): Reads.AgentRow[] {
    const minutes = AGENTS.map(() => Array.from({ length: 30 }, (): [number, number, number] => [0, 0, 0]));
    for (const row of this.rows) {
      const minute = 29 - Math.floor((this.nowMs - Date.parse(row.at)) / 60_000);
      if (minute < 0) break;
      const bar = minutes[AGENTS.findIndex(([id]) => id === row.agent)]?.[minute];
      if (bar !== undefined) bar[row.decision === 'allow' ? 0 : row.decision === 'review' ? 1 : 2]++;
    }
    return AGENTS.map(([id, owner, backup, purpose, level, teams], at) => ({
      id,
      owner,
      backup,
      purpose,
      contact: `mailto:${id}@example.org`,
      teams: [...teams],
      level,
      contained: id === 'deployer',
      lease: this.lease(id),
      ownerless: false,
      inFlight: this.rows.filter(
        (row) => row.agent === id && row.decision === 'allow' && row.outcome === null,
      ).length,
      tokens: 1,
      waiting: this.approvals().filter((row) => row.agent === id && row.state === 'waiting').length,
      lastAt: this.rows.find((row) => row.agent === id)?.at ?? null,
      minutes: minutes[at] ?? [],
    }));
  }

  lease(agent: string): Reads.LeaseRow {
    const days = agent === 'triage' ? 0.9 : agent === 'writer' ? 5.8 : 2;
    const cadence = agent === 'triage' ? 1 : 7;
    const day = 86_400_000;
    return {
      stage: days >= cadence * 0.75 ? 'warned' : 'live',
      since: this.at(days * day),
      until: this.at((days - cadence) * day),
      frozenAt: this.at((days - 2 * cadence) * day),
      cadenceMs: cadence * day,
      acted: true,
    };
  }

  overview(): Reads.Overview {
    const waiting = this.approvals().filter(({ state }) => state === 'waiting');
    return {
      at: this.at(0),
      version: '0.1.0',
      entries: 200_001,
      claimed: true,
      waiting: {
        all: waiting.length,
        mine: waiting.filter(({ people }) => people.includes('ada')).length,
        oldestAt: waiting.map(({ asked }) => asked).sort()[0] ?? null,
      },
      halted: [{ scope: 'agent:deployer', level: 'frozen' }],
      troubles: [
        {
          kind: 'upstream',
          grave: true,
          sentence:
            'The upstream wiki has not answered for 4 minutes; its operations are denied until it comes back.',
        },
        {
          kind: 'uncontained',
          grave: false,
          sentence:
            '5 of 6 agents are uncontained: their own shell, editor and network are not governed by Lanyard.',
        },
        {
          kind: 'unreported',
          grave: false,
          sentence: '1 action has an unknown end; somebody must look whether it was done.',
        },
      ],
      agents: this.agents(),
      recent: this.rows.slice(0, 40),
    };
  }

  approvals(): ApprovalRow[] {
    return QUESTIONS.map((one, n): ApprovalRow => {
      const known = OPERATIONS.find(({ operation }) => operation === one.operation) ?? comment;
      return {
        approval: idOf(500 + n),
        state: one.state,
        agent: one.agent,
        owner: AGENTS.find(([id]) => id === one.agent)?.[1] ?? 'ada',
        operation: one.operation,
        targets: [{ type: known.type, id: one.target }],
        risk: known.risk,
        ...(known.reversibility === null ? {} : { reversibility: known.reversibility }),
        alike: known.risk === 'comment' ? `sha256:${'77a0'.repeat(16)}` : null,
        asked: this.at(one.askedMs),
        expires: this.at(one.askedMs - 900_000),
        people: one.people,
        rules: [known.rule],
        reviews: [one.people.length > 1 ? '2 of role:reviewer' : 'owner'],
        answers: one.people.length > 1 ? [{ person: 'grace', answer: 'approve', at: this.at(30_000) }] : [],
      };
    });
  }

  approval(id: string): ApprovalView | undefined {
    const at = this.approvals().findIndex(({ approval }) => approval === id);
    const [row, question] = [this.approvals()[at], QUESTIONS[at]];
    if (row === undefined || question === undefined) return undefined;
    const known = OPERATIONS.find(({ operation }) => operation === row.operation) ?? comment;
    const [before, after] = question.change ?? [null, null];
    return {
      ...row,
      action: idOf(90_000 - at),
      session: 's12',
      door: 'mcp',
      effect: known.effect,
      ...(known.audience === null ? {} : { audience: known.audience }),
      ...(known.worst === null ? {} : { worst: known.worst }),
      ...(known.effect.includes('spend') ? { money: ['1,840.50 EUR'] } : {}),
      noGrant:
        at === 0
          ? null
          : 'What merges, reaches people outside, cannot be taken back or is not classified is looked at one by one: there is no grant for it, and no answer to many at once.',
      editable: JSON.stringify(question.input, null, 2).replace(/\p{Cf}/gu, escapeOf),
      undo:
        question.operation === 'mcp:files/write_file'
          ? 'restore_file {"path":"/srv/site/docs/install.md"}'
          : null,
      arguments: JSON.stringify(question.input, null, 2)
        .split('\n')
        .flatMap((line) => line.split(/(?<=(?<!\\)\\n)/))
        .map(makeVisible),
      redacted: false,
      difference: before === null ? null : compareLines(before.split('\n'), (after ?? '').split('\n')),
      ...(before === null ? {} : { beside: ['{', '  "path": "/srv/site/docs/install.md"', '}'] }),
      why: row.reviews.map((who) => ({ rule: known.rule, who, reason: known.reason })),
      marks: question.marks,
      ...(question.says === null ? {} : { claimedReason: question.says }),
      recent: this.rows
        .filter(({ agent }) => agent === row.agent)
        .slice(0, 6)
        .map(({ at: when, operation, decision, code }) => ({
          at: when,
          operation,
          decision,
          ...(code === null ? {} : { code }),
        })),
      digest: `sha256:${'4be1'.repeat(16)}`,
      mayBeLate: row.state === 'expired',
      policy: `sha256:${'9a07'.repeat(16)}`,
    };
  }

  abilities(): Reads.AbilityRow[] {
    return AGENTS.flatMap(([agent, owner, , , level]) =>
      OPERATIONS.filter(({ agents }) => agents.includes(agent)).map((known) =>
        this.#ability(agent, owner, level, known),
      ),
    ).sort((a, b) => Number(b.lacksLimit) - Number(a.lacksLimit));
  }

  #ability(agent: string, owner: string, level: Reads.LevelName, known: Known): Reads.AbilityRow {
    const uses = this.rows.filter((row) => row.agent === agent && row.operation === known.operation);
    const held = known.held > 20;
    return {
      agent,
      owner,
      level,
      upstream: known.operation.replace(/^mcp:|\/.*$/g, ''),
      operation: known.operation,
      credentials: known.credential === null ? [] : [known.credential],
      tokens: ['t1'],
      risk: known.risk,
      effect: known.effect,
      reversibility: known.reversibility,
      audience: known.audience,
      worst: known.worst,
      sensitivity: 'internal',
      rules: held ? 'hold' : 'allow',
      sometimes: known.denied > 0 ? ['deny'] : [],
      limits: held
        ? [{ kind: 'person', by: known.rule, who: 'owner', always: true }]
        : known.denied > 0
          ? [{ kind: 'rule', by: known.forbiddenBy, always: false }]
          : [],
      lacksLimit: !held && known.denied === 0 && known.risk !== 'read',
      lastUsed: uses[0]?.at ?? null,
      neverUsed: uses.length === 0,
      used: uses.length,
      denied: 0,
    };
  }
}

interface Question {
  readonly agent: string;
  readonly operation: string;
  readonly target: string;
  readonly askedMs: number;
  readonly state: ApprovalRow['state'];
  readonly people: readonly string[];
  readonly input: object;
  readonly says: string | null;
  readonly marks: readonly string[];
  readonly change: readonly [before: string, after: string] | null;
}

const PAGE_BEFORE = `# Installing

Run the installer and follow the questions.

    curl -O https://example.org/install.sh
    sh install.sh

The service listens on port 8080 afterwards.
`;
const PAGE_AFTER = `# Installing

Run the installer and follow the questions. It asks for nothing twice.

    curl -fsSO https://example.org/install.sh
    sh install.sh --check
    sh install.sh

The service listens on port 8443 afterwards.
`;

const QUESTIONS: readonly Question[] = [
  {
    agent: 'writer',
    operation: 'mcp:files/write_file',
    target: '/srv/site/docs/install.md',
    askedMs: 95_000,
    state: 'waiting',
    people: ['ada'],
    input: { path: '/srv/site/docs/install.md', content: PAGE_AFTER },
    says: 'The port in the guide is wrong since 2.0.',
    marks: ['untrusted'],
    change: [PAGE_BEFORE, PAGE_AFTER],
  },
  {
    agent: 'triage',
    operation: 'mcp:github/add_issue_comment',
    target: 'example/lanyard-demo#412',
    askedMs: 310_000,
    state: 'waiting',
    people: ['ada'],
    input: {
      owner: 'example',
      repo: 'lanyard-demo',
      issue_number: 412,
      body: 'Thanks for the report.\n\nThis is fixed on main; please try it and tell us.\n<img src=x onerror=alert(1)> \u202Enotgnidaer\u202C zero\u200Bwidth',
    },
    says: 'Answering the reporter',
    marks: ['untrusted'],
    change: null,
  },
  {
    agent: 'invoices',
    operation: 'mcp:bank/transfer',
    target: 'DE89 3704 0044 0532 0130 00',
    askedMs: 42_000,
    state: 'waiting',
    people: ['ada', 'katherine'],
    input: { iban: 'DE89 3704 0044 0532 0130 00', amount_eur: 1840.5, reference: 'Invoice 2026-1107' },
    says: 'Invoice 2026-1107 is due tomorrow.',
    marks: ['personal'],
    change: null,
  },
  {
    agent: 'cleaner',
    operation: 'mcp:github/delete_branch',
    target: 'example/site:release/2.0',
    askedMs: 810_000,
    state: 'waiting',
    people: ['katherine'],
    input: { owner: 'example', repo: 'site', branch: 'release/2.0' },
    says: null,
    marks: [],
    change: null,
  },
  {
    agent: 'writer',
    operation: 'mcp:files/write_file',
    target: '/srv/site/docs/index.md',
    askedMs: 4_000_000,
    state: 'approved',
    people: ['ada'],
    input: { path: '/srv/site/docs/index.md', content: 'Welcome.\n' },
    says: null,
    marks: [],
    change: null,
  },
  {
    agent: 'research',
    operation: 'mcp:mail/send',
    target: 'team@example.org',
    askedMs: 9_000_000,
    state: 'expired',
    people: ['ada'],
    input: { to: 'team@example.org', subject: 'Weekly summary', body: 'Attached.' },
    says: null,
    marks: ['untrusted'],
    change: null,
  },
];

/** As JSON writes it: what cannot be seen is not to be hidden in a text field. */
function escapeOf(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
