import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { me } from '../api/queries.ts';
import { wayBack } from './focus.ts';
import { Fault } from './loaded.tsx';

/** Whether whoever is signed in may change anything. An auditor only reads, and would be refused. */
export function useActs(): boolean {
  return useQuery(me).data?.roles.some((role) => role !== 'auditor') ?? true;
}

export interface Doing {
  /** Whether anything was done, or tried, here. */
  readonly began: boolean;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly run: (what: () => Promise<void>) => void;
}

/** Does one thing at a time, and says whether it is being done and why it was not. */
export function useDoing(): Doing {
  const [began, setBegan] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const run = (what: () => Promise<void>) => {
    if (busy) return;
    const back = wayBack();
    setBegan(true);
    setBusy(true);
    setError(null);
    what()
      .catch((fault: unknown) => setError(fault instanceof Error ? fault : new Error(String(fault))))
      .finally(() => {
        setBusy(false);
        back();
      });
  };
  return { began, busy, error, run };
}

export function DoingFault({ error }: { readonly error: Error | null }) {
  return error === null ? null : <Fault error={error} />;
}
