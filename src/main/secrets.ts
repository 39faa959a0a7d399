import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SHORTEST_SECRET } from '../pipeline/scrub.ts';
import { isSecretReference } from './configuration/read.ts';

/** Looks up `env:NAME` and `file:PATH`, and remembers every value, so that it can be scrubbed from all that leaves. */
export class Secrets {
  readonly #base: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #values = new Set<string>();
  readonly problems: string[] = [];

  constructor(base: string, environment: NodeJS.ProcessEnv) {
    this.#base = base;
    this.#environment = environment;
  }

  /** Every secret looked up so far. */
  get values(): readonly string[] {
    return [...this.#values];
  }

  /** The value of a reference; anything else is itself. `where` is for the problem's sentence. */
  resolve(text: string, where: string): string {
    if (!isSecretReference(text)) return text;
    const value = text.startsWith('env:')
      ? this.#fromEnvironment(text.slice(4), where)
      : this.#fromFile(text.slice(5), where);
    if (value === undefined) return '';
    if (value.length < SHORTEST_SECRET) {
      this.problems.push(
        `${where}: the secret \`${text}\` has fewer than ${SHORTEST_SECRET} characters, too few to scrub`,
      );
    }
    this.#values.add(value);
    // What travels as a header is often "Bearer <the secret>": the bare part must not show up either.
    const bare = /^(?:Bearer|Basic|token)\s+(\S+)$/i.exec(value)?.[1];
    if (bare !== undefined && bare.length >= SHORTEST_SECRET) this.#values.add(bare);
    return value;
  }

  resolveAll(settings: Readonly<Record<string, string>>, where: string): Record<string, string> {
    return Object.fromEntries(
      Object.entries(settings).map(([name, text]) => [name, this.resolve(text, `${where}.${name}`)]),
    );
  }

  #fromEnvironment(name: string, where: string): string | undefined {
    const value = this.#environment[name];
    if (value === undefined || value === '') this.problems.push(`${where}: the environment has no ${name}`);
    return value;
  }

  #fromFile(path: string, where: string): string | undefined {
    try {
      return readFileSync(resolve(this.#base, path), 'utf8').trimEnd();
    } catch (error) {
      this.problems.push(`${where}: ${(error as Error).message}`);
      return undefined;
    }
  }
}
