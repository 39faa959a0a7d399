import { ERRORS, type ErrorCode } from '../errors.ts';

/** Below this a row says too little besides its blanks to be known by it. */
const SHORTEST = 12;

/**
 * The code of a sentence of the table, its blanks filled: refusals of operators travel as sentences, for people, and a
 * program gets the code. null: it is no sentence of the table.
 */
export function codeOf(sentence: string): ErrorCode | null {
  rows ??= Object.entries(ERRORS)
    .map(([code, row]) => [code as ErrorCode, row.sentence.split(/\{\w+\}/)] as const)
    .filter(([, texts]) => texts.join('').length >= SHORTEST)
    // The row that says most by itself is the likeliest.
    .sort(([, a], [, b]) => b.join('').length - a.join('').length)
    .map(([code, texts]) => [code, new RegExp(`^${texts.map(literally).join('[^]*')}$`)] as const);
  return rows.find(([, pattern]) => pattern.test(sentence))?.[0] ?? null;
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

let rows: readonly (readonly [ErrorCode, RegExp])[] | undefined;
