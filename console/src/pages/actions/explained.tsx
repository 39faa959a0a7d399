import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { explained } from '../../api/queries.ts';
import { Foreign } from '../../look/foreign.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card } from '../../look/page.tsx';

/** What decided it, rule by rule and clause by clause; asked for when somebody wants to know. */
export function Explained({ id }: { readonly id: string }) {
  const [wanted, want] = useState(false);
  return (
    <Card title="Why">
      <div className="body stack">
        {wanted ? (
          <Whole id={id} />
        ) : (
          <button type="button" className="bare" onClick={() => want(true)}>
            Explain this decision, rule by rule
          </button>
        )}
      </div>
    </Card>
  );
}

function Whole({ id }: { readonly id: string }) {
  return <Loaded query={useQuery(explained(id))}>{({ text }) => <Foreign text={text} block />}</Loaded>;
}
