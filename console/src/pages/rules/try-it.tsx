import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { TriedRules } from '../../../../src/contract/control-reads.ts';
import { ask } from '../../api/ask.ts';
import { agents, inventory } from '../../api/queries.ts';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Card } from '../../look/page.tsx';

/** Asks the rules in force about an action that nobody tries: nothing runs and nothing is recorded. */
export function TryIt() {
  const known = useQuery(agents).data ?? [];
  const operations = [
    ...new Set((useQuery(inventory).data?.rows ?? []).map(({ operation }) => operation)),
  ].sort();
  const ids = { agent: useId(), operation: useId(), input: useId(), list: useId() };
  const { busy, error, run } = useDoing();
  const [tried, setTried] = useState<TriedRules | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      setTried(null);
      setTried(await tryOn(form));
    });
  };
  return (
    <Card title="Try it" aside={<span className="soft small">runs nothing, records nothing</span>}>
      <form className="body try" onSubmit={submit}>
        <div className="field">
          <label htmlFor={ids.agent}>Agent</label>
          <select id={ids.agent} name="agent">
            {known.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={ids.operation}>Operation</label>
          <input
            id={ids.operation}
            name="operation"
            list={ids.list}
            required
            placeholder="mcp:files/write_file"
          />
          <datalist id={ids.list}>
            {operations.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </div>
        <div className="field wide">
          <label htmlFor={ids.input}>Arguments, as JSON</label>
          <textarea id={ids.input} name="input" rows={3} defaultValue="{}" spellCheck={false} />
        </div>
        <div className="wide row">
          <button type="submit" className="main" disabled={busy}>
            What would be decided?
          </button>
        </div>
        <div className="wide" aria-live="polite">
          <DoingFault error={error} />
          {tried === null ? null : <Answer tried={tried} />}
        </div>
      </form>
    </Card>
  );
}

async function tryOn(form: FormData): Promise<TriedRules> {
  let input: unknown;
  try {
    input = JSON.parse(String(form.get('input')));
  } catch {
    throw new Error('The arguments are not JSON.');
  }
  return ask<TriedRules>('/v1/rules/try', {
    agent: String(form.get('agent')),
    operation: String(form.get('operation')),
    input,
  });
}

function Answer({ tried }: { readonly tried: TriedRules }) {
  const held = tried.context['decision'] === 'review';
  return (
    <div className="note stack tight">
      <p>
        <Badge tone={tried.decision ? 'fine' : held ? 'wait' : 'stop'}>
          {tried.decision ? 'allowed' : held ? 'held for a person' : 'denied'}
        </Badge>{' '}
        {typeof tried.context['reason'] === 'string' ? <Foreign text={tried.context['reason']} /> : null}
      </p>
      <Foreign block text={JSON.stringify(tried.context, null, 2)} />
    </div>
  );
}
