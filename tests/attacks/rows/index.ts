import type { AttackClass } from '../attack.ts';
import { BRAKE } from './brake.ts';
import { CLAIMS, HOSTS, TOKENS } from './callers.ts';
import { CHECK } from './check.ts';
import { QUESTIONS } from './check-questions.ts';
import { CONTROL, OPERATOR } from './control.ts';
import { COSTS } from './costs.ts';
import { WAY_OUT } from './egress.ts';
import { FLOODS } from './floods.ts';
import { FRAMING } from './framing.ts';
import { HEADERS } from './headers.ts';
import { JSON_TRICKS } from './json.ts';
import { NAMES } from './names.ts';
import { PATHS } from './paths.ts';
import { DEFINITIONS, RESULTS } from './servers.ts';
import { SESSIONS } from './sessions.ts';
import { STATES } from './states.ts';
import { STDIO } from './stdio.ts';
import { EVENTS, SUBSCRIPTIONS } from './streams.ts';
import { TASKS } from './tasks.ts';

/** The attack table. */
export const CLASSES: readonly AttackClass[] = [
  HEADERS,
  FRAMING,
  JSON_TRICKS,
  CLAIMS,
  NAMES,
  SESSIONS,
  EVENTS,
  SUBSCRIPTIONS,
  STATES,
  TASKS,
  TOKENS,
  HOSTS,
  RESULTS,
  DEFINITIONS,
  PATHS,
  STDIO,
  CHECK,
  QUESTIONS,
  COSTS,
  WAY_OUT,
  CONTROL,
  OPERATOR,
  BRAKE,
  FLOODS,
];
