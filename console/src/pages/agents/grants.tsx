import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { GrantRow } from '../../../../src/contract/approval.ts';
import { ask } from '../../api/ask.ts';
import { grants } from '../../api/queries.ts';
import { Until } from '../../look/ago.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Operation, TargetsInLine } from '../../look/operation.tsx';
import { Card } from '../../look/page.tsx';

/** What somebody has said yes to in advance, and how to take it back. */
export function Grants({ agent }: { readonly agent: string }) {
  const queries = useQueryClient();
  const acts = useActs();
  const { busy, error, run } = useDoing();
  const rows = (useQuery(grants).data ?? []).filter((row) => row.agent === agent);
  const revoke = ({ grant }: GrantRow) =>
    run(async () => {
      await ask(`/v1/grants/${encodeURIComponent(grant)}/revoke`, {});
      await queries.invalidateQueries();
    });
  if (rows.length === 0) return null;
  return (
    <Card title="Granted in advance" aside={<span className="soft small">{rows.length}</span>}>
      <DoingFault error={error} />
      <ul className="feed">
        {rows.map((row) => (
          <li key={row.grant}>
            <span className="stack tight">
              <Operation name={row.operation} />
              <span className="cut">
                <TargetsInLine targets={row.targets} />
              </span>
              <span className="soft small">
                used {row.used} of {row.times}, by {row.person}
              </span>
            </span>
            <Until at={row.expires} />
            {acts ? (
              <button type="button" disabled={busy} onClick={() => revoke(row)}>
                Take back
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}
