import type { DecisionName, LevelName, OutcomeName } from '../../../src/contract/control-reads.ts';

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
}: {
  readonly decision: DecisionName;
  readonly outcome: OutcomeName | null;
}) {
  if (decision === 'deny') return <Badge tone="stop">denied</Badge>;
  if (decision === 'review' && outcome === null) return <Badge tone="wait">waits</Badge>;
  if (outcome === null) return <Badge tone="accent">runs</Badge>;
  if (outcome === 'ok') return <Badge tone="fine">done</Badge>;
  return <Badge tone={outcome === 'unknown' ? 'wait' : 'plain'}>{outcome}</Badge>;
}

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
