import type { JsonObject } from '../../src/base/json.ts';

export function answer(message: JsonObject): JsonObject | undefined;
