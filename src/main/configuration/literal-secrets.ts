import { createRedactor } from '../../pipeline/recording/redact.ts';
import { type ConfigurationProblem, describe, type Locate, type Path } from './problem.ts';

/** `env:NAME` or `file:PATH`. */
export const isSecretReference = (text: string): boolean =>
  /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(text);

const PLAIN_HEADERS = new Set(['accept-language', 'user-agent', 'x-mcp-toolsets', 'x-mcp-readonly']);

/**
 * Secrets are named, never written down: a file like this is copied, committed and shown. Refused is any literal header,
 * and whatever redaction would take for a secret, by itself or by the name before it.
 */
export function findLiteralSecrets(file: unknown, at: Locate): ConfigurationProblem[] {
  const redactor = createRedactor();
  const looksSecret = (text: string) => redactor.redact(text) !== text;
  const help = 'name it as `env:NAME` or `file:PATH` instead';
  const problems: ConfigurationProblem[] = [];
  for (const [path, value] of strings(file, [])) {
    const [top, , section, name] = path;
    if (isSecretReference(value) || top === 'redact') continue;
    const inUpstream = top === 'upstreams' && path.length === 4 && typeof name === 'string';
    const setting = revokeSetting(path);
    const header = inUpstream && section === 'headers' ? name : (setting?.header ?? telemetryHeader(path));
    const isPlain = header !== undefined && isPlainHeader(header, setting !== undefined);
    if (header !== undefined && !isPlain)
      problems.push({
        ...at(path),
        message: `the header \`${header}\` holds a literal value; ${SCHEMED.test(value) ? WHOLE : help}`,
      });
    else if (
      looksSecret(value) ||
      (inUpstream && looksSecret(`${name}: ${value}`)) ||
      (setting !== undefined && looksSecret(`${setting.name}: ${value}`))
    )
      problems.push({ ...at(path), message: `\`${describe(path)}\` looks like a secret; ${help}` });
  }
  return problems;
}

const WHOLE = 'put the word before it into the secret too, and name it alone, as `env:NAME` or `file:PATH`';
/** A reference behind the word that HTTP wants there would be sent as it stands. */
const SCHEMED = /^\S+ +(?:env|file):/;

const isPlainHeader = (header: string, inRevoke: boolean): boolean =>
  PLAIN_HEADERS.has(header.toLowerCase()) || (inRevoke && /^(accept|content-type)$/i.test(header));

/** A header or a variable of `upstreams.*.revoke`, or of its `verify`. */
function revokeSetting(path: Path): { readonly name: string; readonly header?: string } | undefined {
  const [top, , key, ...rest] = path;
  if (top !== 'upstreams' || key !== 'revoke') return undefined;
  const [section, name, more] = rest[0] === 'verify' ? rest.slice(1) : rest;
  if (typeof name !== 'string' || more !== undefined) return undefined;
  if (section === 'headers') return { name, header: name };
  return section === 'env' ? { name } : undefined;
}

const telemetryHeader = ([top, section, name]: Path): string | undefined =>
  top === 'telemetry' && section === 'headers' && typeof name === 'string' ? name : undefined;

function* strings(value: unknown, path: Path): Generator<readonly [Path, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* strings(item, [...path, i]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* strings(item, [...path, key]);
  }
}
