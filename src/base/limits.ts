import { APPEALS } from './limits/appeals.ts';
import { APPROVALS } from './limits/approvals.ts';
import { ASKS } from './limits/asks.ts';
import { CASES } from './limits/cases.ts';
import { CHECK } from './limits/check.ts';
import { CONTAINMENT } from './limits/containment.ts';
import { DOORS } from './limits/doors.ts';
import { DRILLS } from './limits/drills.ts';
import { EGRESS } from './limits/egress.ts';
import { FLOODS } from './limits/floods.ts';
import { HISTORY } from './limits/history.ts';
import { LEASES } from './limits/leases.ts';
import { LOG } from './limits/log.ts';
import { MESSAGES } from './limits/messages.ts';
import { OUTSIDE } from './limits/outside.ts';
import { PEOPLE } from './limits/people.ts';
import { RULES } from './limits/rules.ts';
import { RUN } from './limits/run.ts';
import { TOOLS } from './limits/tools.ts';
import { UPSTREAMS } from './limits/upstreams.ts';
import { WATCH } from './limits/watch.ts';

/**
 * Every bound in the house, by name and with its unit, gathered from limits/. A queue, body, wait or retry without a
 * line there is a defect. Where a configuration may set another value, the line says so.
 */
export const LIMITS = {
  ...APPEALS,
  ...APPROVALS,
  ...ASKS,
  ...CASES,
  ...CHECK,
  ...CONTAINMENT,
  ...DOORS,
  ...EGRESS,
  ...DRILLS,
  ...FLOODS,
  ...HISTORY,
  ...LEASES,
  ...LOG,
  ...MESSAGES,
  ...OUTSIDE,
  ...PEOPLE,
  ...RULES,
  ...RUN,
  ...TOOLS,
  ...UPSTREAMS,
  ...WATCH,
} as const;
