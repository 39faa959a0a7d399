import type { Json, JsonObject } from '../../base/json.ts';
import type { Entry } from '../../contract/log-entry.ts';

/**
 * Entries as events of the Open Cybersecurity Schema Framework, version 1.8.0, profile `security_control`. What is
 * attempted and done is API Activity (6003), what is stopped or found wrong a Detection Finding (2004), the rest of an
 * instance's life Application Lifecycle (6002). Every event carries its entry whole as `raw_data`, leaf included.
 */
export const OCSF_VERSION = '1.8.0';

export interface OcsfSource {
  /** Of the log: with `seq`, names an event for good. */
  readonly origin: string;
  readonly version: string;
  /** Effects of an operation by the catalog; empty where it is not known. */
  effectsOf(operation: string): readonly string[];
}

/** `printed`: the entry as `log show --json` prints it. */
export function ocsfOf(entry: Entry, printed: string, source: OcsfSource): JsonObject {
  return { ...baseOf(entry, printed, source), ...classOf(entry, source) };
}

const CLASSES = { lifecycle: 6002, api: 6003, finding: 2004 } as const;

function typed(kind: keyof typeof CLASSES, activity: number, name: string): JsonObject {
  const uid = CLASSES[kind];
  return {
    class_uid: uid,
    category_uid: Math.floor(uid / 1000),
    activity_id: activity,
    activity_name: name,
    type_uid: uid * 100 + activity,
  };
}

const OTHER = 99;
const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4 } as const;
const STATUS = { unknown: 0, success: 1, failure: 2 } as const;

function baseOf(entry: Entry, printed: string, { origin, version }: OcsfSource): JsonObject {
  const { seq, at, kind, action } = entry;
  return {
    time: Date.parse(at),
    message: messageOf(entry),
    metadata: {
      version: OCSF_VERSION,
      profiles: ['security_control'],
      product: { name: 'Lanyard', vendor_name: 'Lanyard', version },
      log_name: origin,
      uid: `${origin}#${seq}`,
      sequence: seq,
      original_time: at,
      event_code: kind,
      ...(action === undefined ? {} : { correlation_uid: action }),
    },
    raw_data: printed,
  };
}

function messageOf({ kind, operation, decision, code, outcome, agent }: Entry): string {
  const what = [operation ?? kind, decision ?? outcome, code].filter((part) => part !== undefined);
  return `${what.join(' ')}${agent === undefined ? '' : ` (agent ${agent})`}`;
}

function classOf(entry: Entry, source: OcsfSource): JsonObject {
  const { kind } = entry;
  if (kind.startsWith('action.') || kind.startsWith('operator.') || kind.startsWith('approval.'))
    return apiActivity(entry, source);
  if (FINDINGS[kind] !== undefined) return finding(entry, FINDINGS[kind]);
  return lifecycle(entry, source);
}

const CRUD: Readonly<Record<string, readonly [number, string]>> = {
  create: [1, 'Create'],
  read: [2, 'Read'],
  update: [3, 'Update'],
  delete: [4, 'Delete'],
};

/** The gravest of the effects that OCSF has a name for. */
function activityOf({ operation, kind }: Entry, source: OcsfSource): readonly [number, string] {
  if (operation === undefined) return [OTHER, kind];
  const effects = operation.endsWith('/resources/read') ? ['read'] : source.effectsOf(operation);
  if (effects.length === 0) return [OTHER, operation];
  const known = ['delete', 'update', 'create'].find((effect) => effects.includes(effect));
  if (known !== undefined) return CRUD[known] ?? [OTHER, operation];
  return effects.every((effect) => effect === 'read') ? [2, 'Read'] : [OTHER, effects.join(', ')];
}

function apiActivity(entry: Entry, source: OcsfSource): JsonObject {
  const { agent, owner, session, operation, kind, action, code } = entry;
  const [activity, name] = activityOf(entry, source);
  const upstream = /^mcp:([^/]+)\//.exec(operation ?? '')?.[1];
  const who = agent ?? String(entry['by'] ?? 'operator');
  return {
    ...typed('api', activity, name),
    actor: {
      user: {
        uid: who,
        name: who,
        type_id: OTHER,
        type: kind.startsWith('operator.') ? 'operator' : 'AI agent',
      },
      ...(session === undefined ? {} : { session: { uid: session } }),
    },
    api: {
      operation: operation ?? kind,
      ...(upstream === undefined ? {} : { service: { name: upstream } }),
      ...(action === undefined ? {} : { request: { uid: action } }),
      ...(code === undefined ? {} : { response: { error: code } }),
    },
    src_endpoint: { uid: who, name: who },
    ...(owner === undefined ? {} : { unmapped: { owner } }),
    ...(upstream === undefined ? {} : { dst_endpoint: { name: upstream } }),
    ...resourcesOf(entry),
    ...controlOf(entry),
  };
}

function resourcesOf({ target, targets }: Entry): JsonObject {
  const all = targets ?? (target === undefined ? [] : [target]);
  if (all.length === 0) return {};
  return { resources: all.map(({ type, id }) => ({ uid: id, name: id, type })) };
}

/** Whether it was let through, by which rules, and how it ended. */
function controlOf({ kind, decision, code, rules = [], policy, outcome }: Entry): JsonObject {
  if (kind === 'action.decided') {
    const allowed = decision === 'allow';
    return {
      severity_id: allowed ? SEVERITY.informational : SEVERITY.low,
      status_id: allowed ? STATUS.unknown : STATUS.failure,
      ...(code === undefined ? {} : { status_code: code }),
      action_id: allowed ? 1 : 2,
      action: allowed ? 'Allowed' : 'Denied',
      disposition_id: allowed ? 1 : 2,
      disposition: allowed ? 'Allowed' : 'Blocked',
      policy: { uid: policy ?? 'none', name: rules.length === 0 ? 'default deny' : rules.join(', ') },
      is_alert: false,
    };
  }
  if (kind !== 'action.outcome') return { severity_id: SEVERITY.informational, status_id: STATUS.success };
  const ended = outcome === 'ok' ? STATUS.success : outcome === 'unknown' ? STATUS.unknown : STATUS.failure;
  return {
    severity_id: outcome === 'unknown' ? SEVERITY.medium : SEVERITY.informational,
    status_id: ended,
    status: outcome ?? 'unknown',
    ...(code === undefined ? {} : { status_code: code }),
    action_id: 1,
    disposition_id: 1,
  };
}

interface FindingKind {
  readonly title: string;
  readonly severity: number;
  /** 1 Create, 3 Close. */
  readonly activity: 1 | 3;
}

const FINDINGS: Readonly<Record<string, FindingKind>> = {
  'containment.stopped': { title: 'Agents were stopped', severity: SEVERITY.high, activity: 1 },
  'containment.budget': {
    title: 'A budget of an agent is nearly spent',
    severity: SEVERITY.low,
    activity: 1,
  },
  'containment.tripped': { title: 'A breaker stopped an agent', severity: SEVERITY.high, activity: 1 },
  'containment.revoked': {
    title: 'The secret of an upstream was to be revoked after a kill',
    severity: SEVERITY.high,
    activity: 1,
  },
  'containment.revoking': {
    title: 'Secrets of upstreams are at stake in a kill',
    severity: SEVERITY.medium,
    activity: 1,
  },
  'containment.released': { title: 'A stop was taken back', severity: SEVERITY.medium, activity: 3 },
  'instance.gap': { title: 'Denials could not be recorded', severity: SEVERITY.medium, activity: 1 },
  'instance.pin-changed': {
    title: 'A server lists otherwise than it was accepted',
    severity: SEVERITY.high,
    activity: 1,
  },
  'instance.refused': {
    title: 'Malformed or unauthenticated requests',
    severity: SEVERITY.low,
    activity: 1,
  },
};

function finding(entry: Entry, { title, severity, activity }: FindingKind): JsonObject {
  const about = String(entry['scope'] ?? entry['upstream'] ?? entry.agent ?? 'instance');
  return {
    ...typed('finding', activity, activity === 1 ? 'Create' : 'Close'),
    severity_id: severity,
    // 1 New, 4 Resolved: a finding's status is that of its review.
    status_id: activity === 1 ? 1 : 4,
    is_alert: activity === 1 && severity >= SEVERITY.high,
    finding_info: {
      uid: `${entry.kind.startsWith('containment.') ? 'containment' : entry.kind}:${about}`,
      title,
      desc: JSON.stringify(detailsOf(entry)),
      types: [entry.kind],
    },
    resources: [{ uid: about, name: about }],
    ...(entry.kind === 'containment.stopped' || entry.kind === 'containment.tripped'
      ? { action_id: 2, disposition_id: 2 }
      : {}),
  };
}

/** What an entry says beside where and when. */
function detailsOf({
  seq: _,
  at: __,
  kind: ___,
  ...rest
}: Entry): Readonly<Record<string, Json | undefined>> {
  return rest;
}

function lifecycle({ kind }: Entry, { version }: OcsfSource): JsonObject {
  const activities: Readonly<Record<string, readonly [number, string]>> = {
    'instance.started': [3, 'Start'],
    'instance.stopped': [4, 'Stop'],
  };
  const [activity, name] = activities[kind] ?? [OTHER, kind];
  return {
    ...typed('lifecycle', activity, name),
    severity_id: SEVERITY.informational,
    status_id: STATUS.success,
    app: { name: 'Lanyard', vendor_name: 'Lanyard', version },
  };
}
