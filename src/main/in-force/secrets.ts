import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileFault } from '../../base/file-fault.ts';
import { LIMITS } from '../../base/limits.ts';
import { SHORTEST_SECRET } from '../../pipeline/recording/scrub.ts';
import { isSecretReference } from '../configuration/literal-secrets.ts';
import type { Path } from '../configuration/problem.ts';

/** One thing that is wrong, be it that several settings name the same secret. */
export interface SecretProblem {
  /** Where the configuration names it, in its order; at least one place. */
  readonly paths: readonly [Path, ...Path[]];
  readonly message: string;
}

/** Looks up `env:NAME` and `file:PATH`, and remembers every value, so that it can be scrubbed from all that leaves. */
export class Secrets {
  readonly #base: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** Whether a secret that is not there is a problem. */
  readonly #needed: boolean;
  readonly #values = new Set<string>();
  readonly #problems = new Map<string, SecretProblem>();

  constructor(base: string, environment: NodeJS.ProcessEnv, needed: boolean) {
    this.#needed = needed;
    this.#base = base;
    this.#environment = environment;
  }

  /** What is wrong with them, where they are needed. */
  get problems(): readonly SecretProblem[] {
    return this.#needed ? this.missing : [];
  }

  /** The same, whether they are needed or not. */
  get missing(): readonly SecretProblem[] {
    return [...this.#problems.values()];
  }

  /** Every secret looked up so far. */
  get values(): readonly string[] {
    return [...this.#values];
  }

  /** The value of a reference; anything else is itself. */
  resolve(text: string, path: Path): string {
    if (!isSecretReference(text)) return text;
    const value = text.startsWith('env:')
      ? this.#fromEnvironment(text.slice(4), path)
      : this.#fromFile(text.slice(5), path);
    if (value === undefined) return '';
    if (value.length < SHORTEST_SECRET) {
      const message = `the secret \`${text}\` has fewer than ${SHORTEST_SECRET} characters, too few to scrub; what is no secret can be written down as it is`;
      this.#miss(path, message);
    }
    if (value.length > LIMITS.secretLength) {
      const message = `the secret \`${text}\` has more than ${LIMITS.secretLength} characters, too many to scrub`;
      this.#miss(path, message);
      return value;
    }
    this.#values.add(value);
    for (const part of partsOf(value)) if (part.length >= SHORTEST_SECRET) this.#values.add(part);
    return value;
  }

  resolveAll(settings: Readonly<Record<string, string>>, path: Path): Record<string, string> {
    return Object.fromEntries(
      Object.entries(settings).map(([name, text]) => [name, this.resolve(text, [...path, name])]),
    );
  }

  #miss(path: Path, message: string): void {
    const [first, ...more] = this.#problems.get(message)?.paths ?? [];
    this.#problems.set(message, {
      paths: first === undefined ? [path] : [first, ...more, path],
      message,
    });
  }

  #fromEnvironment(name: string, path: Path): string | undefined {
    const value = this.#environment[name];
    if (value !== undefined && value !== '') return value;
    this.#miss(path, `the environment has no ${name}`);
    return undefined;
  }

  #fromFile(file: string, path: Path): string | undefined {
    try {
      return readFileSync(resolve(this.#base, file), 'utf8').trimEnd();
    } catch (error) {
      this.#miss(path, `the secret \`file:${file}\` cannot be read: ${fileFault(error, 'read')}`);
      return undefined;
    }
  }
}

/**
 * What of a secret is one by itself, and may be answered alone: what follows the scheme of a header, the password in Basic
 * credentials and in an address, each line of a key.
 */
function partsOf(value: string): readonly string[] {
  const [, scheme = '', bare = ''] = /^([A-Za-z][\w-]{0,30})\s+(\S+)$/.exec(value) ?? [];
  const parts = bare === '' ? [] : [bare];
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(bare, 'base64').toString('utf8');
    parts.push(pair, pair.slice(pair.indexOf(':') + 1));
  }
  if (value.includes('://') && URL.canParse(value)) parts.push(...passwordsIn(new URL(value)));
  parts.push(...value.split(/[\r\n]+/).filter((line) => KEY_LINE.test(line)));
  return parts;
}

/** A line that is nobody's word: of a private key, say. */
const KEY_LINE = /^[A-Za-z0-9+/=_-]{32,}$/;

/** As it stands in the address, and as whoever uses it reads it. */
function passwordsIn({ password }: URL): readonly string[] {
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
