import type { Check } from './check.ts';
import { brakeStops } from './checks/brake.ts';
import { checkDoor } from './checks/check-door.ts';
import { allowed, forbidden, noPermit, review, ruleError } from './checks/decisions.ts';
import { floods, webPages } from './checks/doors.ts';
import { argumentsChecked, canonical, forgery, ownFiles, split } from './checks/intake.ts';
import { configuredLevel, frozen, killed, lastLook, watched } from './checks/levels.ts';
import { marks } from './checks/marks.ts';
import {
  type MirrorScene,
  sameRules,
  yourAllowed,
  yourDenied,
  yourLevels,
  yourPins,
  yourSecrets,
} from './checks/mirror.ts';
import { outsideStops } from './checks/outside.ts';
import { pins, sessionPins } from './checks/pins.ts';
import { debuggers, editedFiles, secondStart } from './checks/process.ts';
import { complete, flippedBit, recordedFirst } from './checks/record.ts';
import { rollback } from './checks/rollback.ts';
import { programs } from './checks/run.ts';
import { environment, redirects, secrets } from './checks/secrets.ts';
import { crash, type FullScene, fullDisk } from './checks/store.ts';
import { expiredToken, otherNames, revokedToken, storedTokens, strangers } from './checks/tokens.ts';
import type { LaboratoryScene } from './scene.ts';

/** Your rules, your agents, your servers' definitions; canaries in the place of the servers. */
export const MIRROR_CHECKS: readonly Check<MirrorScene>[] = [
  sameRules,
  yourAllowed,
  yourDenied,
  yourPins,
  yourSecrets,
  yourLevels,
];

/** Each control by itself, on rules whose answers are known. Nothing here stops anything. */
export const OPENING_CHECKS: readonly Check<LaboratoryScene>[] = [
  allowed,
  forbidden,
  noPermit,
  review,
  ruleError,
  checkDoor,
  argumentsChecked,
  canonical,
  split,
  ownFiles,
  marks,
  pins,
  sessionPins,
  forgery,
  secrets,
  environment,
  redirects,
  strangers,
  expiredToken,
  revokedToken,
  otherNames,
  storedTokens,
  webPages,
  floods,
];

/** At the same time as those: most of all waiting, of an agent of its own or of none. */
export const PROGRAM_CHECKS: readonly Check<LaboratoryScene>[] = [programs, secondStart];

/** After both. The order counts: killed agents do nothing any more, a person claims the instance, the last one ends it. */
export const LABORATORY_CHECKS: readonly Check<LaboratoryScene>[] = [
  configuredLevel,
  frozen,
  lastLook,
  watched,
  outsideStops,
  killed,
  recordedFirst,
  editedFiles,
  debuggers,
  brakeStops,
  complete,
  flippedBit,
];

/** On instances whose files cannot grow. The second sets aside what the third sets back to. */
export const FULL_CHECKS: readonly Check<FullScene>[] = [fullDisk, crash, rollback];
