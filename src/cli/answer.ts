import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** Readers of what an instance answered: it may be of another version than this command line, so nothing is assumed. */

export function objectOf(answer: Json | undefined): JsonObject {
  if (isJsonObject(answer)) return answer;
  throw notUnderstood();
}

export function rowsOf(answer: Json | undefined): readonly JsonObject[] {
  if (Array.isArray(answer)) return answer.map((row: Json) => objectOf(row));
  throw notUnderstood();
}

export function textOf(answer: Json | undefined, key: string): string {
  const value = objectOf(answer)[key];
  if (typeof value === 'string') return value;
  throw notUnderstood();
}

export function linesOf(answer: Json | undefined, key: string): readonly string[] {
  const value = objectOf(answer)[key];
  if (Array.isArray(value)) return value.map(String);
  throw notUnderstood();
}

/** The objects in what may be a list; none where it is not there. */
export function rowsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: unknown) => isJsonObject(one)) : [];
}

/** The texts in what may be a list; none where it is not there. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const notUnderstood = () =>
  new CommandFailure(
    EXIT.failed,
    'The instance answered what this command does not understand. Are both of one version? Restart the instance.',
  );
