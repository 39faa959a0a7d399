import type { UseQueryResult } from '@tanstack/react-query';
import { Refused } from '../api/ask.ts';

/** Why something could not be had, in the instance's own sentence. */
export function Fault({ error }: { readonly error: Error }) {
  const details = error instanceof Refused ? error.details : [];
  return (
    <div className="note stop" role="alert">
      <p>{error.message}</p>
      {details.map((line) => (
        <p key={line} className="soft small">
          {line}
        </p>
      ))}
    </div>
  );
}

/** Shows what was asked for once it is there, and goes on showing it while it is asked for again. */
export function Loaded<T>({
  query,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly children: (value: T) => React.ReactNode;
}) {
  if (query.data !== undefined)
    return (
      <>
        {query.error === null ? null : <Fault error={query.error} />}
        {children(query.data)}
      </>
    );
  if (query.error !== null) return <Fault error={query.error} />;
  return (
    <p className="empty" role="status">
      Loading …
    </p>
  );
}
