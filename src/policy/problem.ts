import type { ErrorCode } from '../base/errors.ts';
import { withoutInvisible } from '../base/invisible.ts';

/** What is wrong with a rule, and where. Lines and columns count from 1, columns in characters (code points). */
export interface PolicyProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code?: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** A file of rules, named as a person knows it. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** A problem at an offset (UTF-16 code units) of a file. */
export function problemAt(
  file: PolicyFile,
  offset: number,
  message: string,
  more: { severity?: 'error' | 'warning'; hint?: string | undefined; code?: ErrorCode } = {},
): PolicyProblem {
  const { severity = 'error', hint, code } = more;
  return {
    severity,
    file: file.name,
    ...position(file.text, offset),
    ...(code === undefined ? {} : { code }),
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

function position(text: string, offset: number): { line: number; column: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) line++;
  return { line, column: [...text.slice(start, offset)].length + 1 };
}

const WIDEST = 160;

/**
 * Several lines for a terminal: where, what, the line of source with a caret, a hint. `text` is the file's, absent
 * where the problem is of no file. Control characters are shown as replacement characters.
 */
export function renderProblem(problem: PolicyProblem, text: string | undefined): string {
  const lines = [
    `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${printable(problem.message)}`,
  ];
  const source = text?.split('\n')[problem.line - 1]?.replace(/\r$/, '');
  if (source !== undefined) {
    // A long line is shown around the place.
    const characters = [...source];
    const first = Math.max(0, Math.min(problem.column - WIDEST / 2, characters.length - WIDEST));
    const shown = printable(characters.slice(first, first + WIDEST).join(''));
    const gutter = String(problem.line);
    lines.push(`  ${gutter} | ${shown}`);
    lines.push(`  ${' '.repeat(gutter.length)} | ${' '.repeat(Math.max(0, problem.column - 1 - first))}^`);
  }
  if (problem.hint !== undefined) lines.push(`  hint: ${printable(problem.hint)}`);
  return lines.join('\n');
}

function printable(text: string): string {
  return withoutInvisible(text.replaceAll('\t', ' '));
}
