import { stripVTControlCharacters, styleText } from 'node:util';
import type { Found } from './aftermath.ts';
import type { Met } from './agent.ts';
import type { Step } from './incident.ts';

const COLUMNS = { number: 3, who: 8, does: 54, operation: 32 } as const;
const INDENT = ' '.repeat(COLUMNS.number + 2);
const WIDTH = 92;
const REST = ' '.repeat(COLUMNS.number + 2 + COLUMNS.who);

/** Prints the demo, a line at a time. Colours only where a terminal shows them. */
export class Screen {
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.#styled('bold', text));
  }

  step(number: number, step: Step, met: Met | null): void {
    const head = `${String(number).padStart(COLUMNS.number)}  ${step.who.padEnd(COLUMNS.who)}`;
    if (step.who === 'person' || met === null) {
      this.line(`${head}${step.does}`);
      return;
    }
    const tried = `${step.does.padEnd(COLUMNS.does)}${step.operation.padEnd(COLUMNS.operation)}`;
    this.line(`${head}${tried}${this.#result(met)}`);
    if (met.result === 'denied') {
      this.line(`${REST}code ${plain(met.code)}, rule ${plain(met.rules.join(', ')) || 'none'}`);
      for (const line of wrap(plain(met.reason))) this.line(`${REST}${line}`);
    }
    if (met.result === 'failed') this.line(`${REST}${plain(met.why)}`);
    if (met.result !== step.must)
      this.line(`${REST}${this.#styled('red', `this should have been ${step.must}`)}`);
  }

  found({ what, holds }: Found): void {
    this.line(`${INDENT}${holds ? this.#styled('green', 'ok   ') : this.#styled('red', 'WRONG')}  ${what}`);
  }

  /** What a command printed, indented. */
  printed(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.line(`${INDENT}${line}`);
  }

  #result(met: Met): string {
    if (met.result === 'allowed') return this.#styled('green', 'allowed');
    return this.#styled('red', met.result);
  }

  #styled(format: 'bold' | 'green' | 'red', text: string): string {
    return this.#out.isTTY ? styleText(format, text, { stream: this.#out }) : text;
  }
}

/** Lines of at most as many characters as fit beside the indentation, broken between words. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** One line without control characters: reasons are written by people, and a terminal obeys what it is sent. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ');
}
