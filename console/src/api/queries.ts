import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AppealView } from '../../../src/contract/appeal.ts';
import type {
  ApprovalFate,
  ApprovalView,
  BatchView,
  GrantRow,
  QuestionPage,
  QuestionsOf,
} from '../../../src/contract/approval.ts';
import type { CaseRow, CaseView } from '../../../src/contract/case.ts';
import type { ApiChange, ApiOpenSession, ApiSession } from '../../../src/contract/control-api.ts';
import type * as Reads from '../../../src/contract/control-reads.ts';
import { ask } from './ask.ts';

/** What the pages ask the instance; the first word of each key is what `change` events name. */
export const overview = queryOptions({
  queryKey: ['overview'],
  queryFn: () => ask<Reads.Overview>('/v1/overview'),
});

export const me = queryOptions({ queryKey: ['me'], queryFn: () => ask<ApiSession>('/v1/session') });

/** At most one page of questions, beginning at `from`: where ten thousand wait, nine are shown. */
export const questions = (of: QuestionsOf, from = 0) =>
  queryOptions({
    queryKey: ['approvals', 'questions', of, from],
    queryFn: () => ask<QuestionPage>(`/v1/questions?of=${of}&from=${from}`),
    staleTime: 1000,
  });
export const approval = (id: string) =>
  queryOptions({
    queryKey: ['approvals', id],
    queryFn: () => ask<ApprovalView>(`/v1/approvals/${encodeURIComponent(id)}`),
  });

export const fate = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'fate', id],
    queryFn: () => ask<ApprovalFate>(`/v1/approvals/${encodeURIComponent(id)}/fate`),
    retry: false,
  });

export const batch = (of: string) =>
  queryOptions({
    queryKey: ['approvals', 'batch', of],
    queryFn: () => ask<BatchView>(`/v1/batch?of=${encodeURIComponent(of)}`),
  });

export const grants = queryOptions({
  queryKey: ['agents', 'grants'],
  queryFn: () => ask<readonly GrantRow[]>('/v1/grants'),
});
export const appeals = queryOptions({
  queryKey: ['approvals', 'appeals'],
  queryFn: () => ask<readonly AppealView[]>('/v1/appeals'),
});
export const appeal = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'appeal', id],
    queryFn: () => ask<AppealView>(`/v1/appeals/${encodeURIComponent(id)}`),
  });

export const cases = queryOptions({
  queryKey: ['agents', 'cases'],
  queryFn: () => ask<readonly CaseRow[]>('/v1/cases'),
});

export const caseOf = (id: string) =>
  queryOptions({
    queryKey: ['agents', 'case', id],
    queryFn: () => ask<CaseView>(`/v1/cases/${encodeURIComponent(id)}`),
  });

export const agents = queryOptions({
  queryKey: ['agents'],
  queryFn: () => ask<readonly Reads.AgentRow[]>('/v1/agents'),
});
export const agent = (id: string) =>
  queryOptions({
    queryKey: ['agents', id],
    queryFn: () => ask<Reads.AgentView>(`/v1/agents/${encodeURIComponent(id)}`),
  });

export interface ActionSearch {
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
  readonly fate?: string | undefined;
  readonly text?: string | undefined;
}
export const actions = (search: ActionSearch) =>
  infiniteQueryOptions({
    queryKey: ['actions', search],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) => {
      const asked = new URLSearchParams();
      for (const [name, value] of Object.entries(search)) if (value) asked.set(name, value);
      if (pageParam !== null) asked.set('before', String(pageParam));
      return ask<Reads.ActionPage>(`/v1/actions?${asked}`);
    },
    getNextPageParam: (page) => page.before,
  });
export const action = (id: string) =>
  queryOptions({
    queryKey: ['actions', 'story', id],
    queryFn: () => ask<Reads.ActionStory>(`/v1/actions/${encodeURIComponent(id)}`),
  });

export const explained = (id: string) =>
  queryOptions({
    queryKey: ['actions', 'explained', id],
    queryFn: () => ask<{ readonly text: string }>(`/v1/actions/${encodeURIComponent(id)}/explain`),
    retry: false,
  });

export interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly roles: readonly string[];
  readonly disabled?: boolean;
  readonly passkeys: readonly {
    readonly credential: string;
    readonly via: string;
    /** RFC 3339. */
    readonly enrolled?: string;
    readonly validFrom?: string;
  }[];
}
export const people = queryOptions({
  queryKey: ['people'],
  queryFn: () => ask<readonly PersonRow[]>('/v1/people'),
});

export const sessions = queryOptions({
  queryKey: ['people', 'sessions'],
  queryFn: () => ask<readonly ApiOpenSession[]>('/v1/sessions'),
});

export const rules = queryOptions({
  queryKey: ['rules'],
  queryFn: () => ask<Reads.RulesView>('/v1/rules'),
});
export const inventory = queryOptions({
  queryKey: ['inventory'],
  queryFn: () => ask<Reads.InventoryView>('/v1/inventory'),
});
export const log = queryOptions({ queryKey: ['log'], queryFn: () => ask<Reads.LogView>('/v1/log') });
export const logEntries = infiniteQueryOptions({
  queryKey: ['log', 'entries'],
  initialPageParam: null as number | null,
  queryFn: ({ pageParam }) =>
    ask<Reads.LogPage>(`/v1/log/entries${pageParam === null ? '' : `?before=${pageParam}`}`),
  getNextPageParam: (page) => page.before,
});
export const drills = queryOptions({
  queryKey: ['agents', 'drills'],
  queryFn: () => ask<Reads.DrillsView>('/v1/drills'),
});
export const duties = queryOptions({
  queryKey: ['duties'],
  queryFn: () => ask<Reads.DutiesView>('/v1/duties'),
});

/**
 * The actions that an agent's owner or backup looks through. The instance shows the same ones until she confirms them.
 */
export const leaseSample = (agent: string) =>
  queryOptions({
    queryKey: ['agents', agent, 'look'],
    queryFn: () => ask<Reads.LeaseSample>(`/v1/agents/${encodeURIComponent(agent)}/look`),
  });

/** What stops from elsewhere: her own, and for an admin everybody's keys. */
interface StopsKept {
  readonly keys: readonly { readonly id: string; readonly person: string; readonly made: string }[];
  /** How many codes of her saved pages are good still. */
  readonly codes: number;
}
export const stopKeys = queryOptions({
  queryKey: ['people', 'stop-keys'],
  queryFn: () => ask<StopsKept>('/v1/stop-keys'),
});

export const change = (id: string) =>
  queryOptions({
    queryKey: ['changes', id],
    queryFn: () => ask<ApiChange>(`/v1/changes/${encodeURIComponent(id)}`),
  });
export const changes = queryOptions({
  queryKey: ['changes'],
  queryFn: () => ask<readonly ApiChange[]>('/v1/changes'),
});

/** Something that was done while nobody could sign, and still stands. */
interface Unconfirmed {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly says: string;
}
export const unconfirmed = queryOptions({
  queryKey: ['unconfirmed'],
  queryFn: () => ask<readonly Unconfirmed[]>('/v1/unconfirmed'),
});

/** An alert that stands until somebody has looked, in our own words. */
export interface Alert {
  readonly id: string;
  readonly subject?: string;
  readonly page?: boolean;
  readonly says?: string;
  readonly agent?: string;
  readonly scope?: string;
  readonly opened?: string;
}
interface AlertsView {
  readonly alerts: readonly Alert[];
  readonly undelivered: readonly {
    readonly lane: string;
    readonly person: string;
    readonly channel: string;
    readonly count: number;
    readonly code: string;
  }[];
}
export const alerts = queryOptions({
  queryKey: ['approvals', 'alerts'],
  queryFn: () => ask<AlertsView>('/v1/alerts'),
});
