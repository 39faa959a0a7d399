import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { RulesView, RuleText } from '../../../../src/contract/control-reads.ts';
import { rules } from '../../api/queries.ts';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { RuleBlock } from '../actions/action.tsx';
import { TryIt } from './try-it.tsx';
import './rules.css';

export function Rules() {
  return (
    <Page title="Rules" about="What is in force. Files on disk change nothing until somebody applies them.">
      <Loaded query={useQuery(rules)}>
        {(view) => (
          <>
            <Pending view={view} />
            <TryIt />
            <InForce rules={view.rules} />
            <p className="soft small mono anywhere">
              set {view.set}
              <br />
              rules and schema {view.policy}
            </p>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/**
 * What people answered. Where nobody ever says no, asking is for nothing; where they always do, a rule could say it.
 */
function Answers({ rule: { answers } }: { readonly rule: RuleText }) {
  if (answers === undefined) return null;
  const { yes, no } = answers;
  return (
    <p className="soft small">
      {yes + no === 0
        ? 'Nobody answered it in 30 days.'
        : `In 30 days people said yes ${yes} and no ${no} times.`}
    </p>
  );
}

function Pending({ view: { pending } }: { readonly view: RulesView }) {
  if (pending === null) return <p className="note fine">The files are as what is in force.</p>;
  return (
    <Card title="What apply would change">
      <div className="body stack tight">
        {pending.problem === null ? null : <p className="note stop">{pending.problem}</p>}
        <ul className="stack tight mono">
          {pending.changes.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p className="soft">
          Take it with <span className="mono">./lanyard apply</span>; a person confirms it here.
        </p>
      </div>
    </Card>
  );
}

function InForce({ rules: all }: { readonly rules: readonly RuleText[] }) {
  const [words, setWords] = useState('');
  const field = useId();
  const found = all.filter(({ id, text, file }) =>
    `${id} ${file ?? ''} ${text ?? ''}`.includes(words.trim()),
  );
  return (
    <Card
      title={`${found.length} rules`}
      aside={
        <span className="row">
          <label htmlFor={field}>Find</label>
          <input
            id={field}
            type="search"
            size={14}
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </span>
      }
    >
      <ul className="rule-list">
        {found.map((rule) => (
          <li key={rule.id}>
            <RuleBlock rule={rule} />
            <Answers rule={rule} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
