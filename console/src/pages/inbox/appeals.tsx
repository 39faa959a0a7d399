import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AppealView } from '../../../../src/contract/appeal.ts';
import { appeals } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { Card } from '../../look/page.tsx';
import { Shown } from '../../look/shown.tsx';
import '../now/now.css';

const WORDS = { question: 'question', permission: 'wants a rule', handover: 'hands over' } as const;

/** What agents put before people in their own words: questions, wishes for a rule, work that is handed over. */
export function Appeals() {
  const waiting = (useQuery(appeals).data ?? []).filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return null;
  return (
    <Card title="From agents" aside={<span className="soft small">{waiting.length}</span>}>
      <ul className="feed">
        {waiting.map((view) => (
          <li key={view.appeal}>
            <Link to="/appeals/$id" params={{ id: view.appeal }} className="cut">
              <Shown text={firstOf(view)} />
            </Link>
            <Badge tone="accent">{WORDS[view.kind]}</Badge>
            <span className="soft small">
              {view.agent}, <Ago at={view.made} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const firstOf = ({ says }: AppealView): string => (says[0]?.text ?? '').split('\n')[0]?.slice(0, 200) ?? '';

const TONES = { waiting: 'wait', answered: 'fine', refused: 'stop' } as const;

export function AppealState({ state }: Pick<AppealView, 'state'>) {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}
