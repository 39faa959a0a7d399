import type { JsonObject } from '../../src/base/json.ts';

export function answer(message: JsonObject): JsonObject | undefined;

export function taskOf(id: string): JsonObject;
export function knowsTasks(message: JsonObject): boolean;
