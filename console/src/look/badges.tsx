import type {
  DecisionName,
  LevelName,
  OutcomeName,
  QuestionNow,
} from '../../../src/contract/control-reads.ts';

export type Tone = 'plain' | 'wait' | 'stop' | 'fine' | 'accent' | 'odd';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: React.ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

export function Lamp({ tone }: { readonly tone: Tone }) {
  return <span className={`lamp ${tone}`} aria-hidden="true" />;
}

const LEVEL_TONES: Readonly<Record<LevelName, Tone>> = {
  live: 'fine',
  watched: 'wait',
  frozen: 'stop',
  killed: 'stop',
};

export function Level({ level }: { readonly level: LevelName }) {
  return (
    <Badge tone={LEVEL_TONES[level]}>
      <Lamp tone={LEVEL_TONES[level]} />
      {level}
    </Badge>
  );
}

/** What became of an action, in one word. */
export function Fate({
  decision,
  outcome,
  question = 'waiting',
}: {
  readonly decision: DecisionName;
  readonly outcome: OutcomeName | null;
  /** Of what was held for a person: how that stands. What was held this very moment comes without. */
  readonly question?: QuestionNow | undefined;
}) {
  if (decision === 'deny') return <Badge tone="stop">denied</Badge>;
  if (decision === 'review' && outcome === null) return HELD[question];
  if (outcome === null) return <Badge tone="accent">runs</Badge>;
  if (outcome === 'ok') return <Badge tone="fine">done</Badge>;
  return <Badge tone={outcome === 'unknown' ? 'wait' : 'plain'}>{outcome}</Badge>;
}

const HELD: Readonly<Record<QuestionNow, React.ReactNode>> = {
  waiting: <Badge tone="wait">waits</Badge>,
  approved: <Badge tone="accent">approved</Badge>,
  denied: <Badge tone="stop">denied</Badge>,
  expired: <Badge tone="plain">ran out</Badge>,
  over: <Badge tone="plain">over</Badge>,
};

const RISK_TONES: Readonly<Record<string, Tone>> = {
  read: 'plain',
  draft: 'accent',
  comment: 'accent',
  merge: 'wait',
  external: 'stop',
  unclassified: 'odd',
};

export function Risk({ risk }: { readonly risk: string }) {
  return <Badge tone={RISK_TONES[risk] ?? 'odd'}>{risk}</Badge>;
}
