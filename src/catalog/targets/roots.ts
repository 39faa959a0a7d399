import { posix } from 'node:path';
import { err, ok, type Result } from '../../base/result.ts';
import type { FileView } from '../files.ts';

/** A directory that a server serves, as its catalog says it is started. */
export type RootTemplate =
  | { readonly kind: 'argument'; readonly index: number; readonly andFollowing: boolean }
  | { readonly kind: 'cwd' }
  | { readonly kind: 'literal'; readonly path: string };

/** `{argv[1]}`, `{argv[1..]}` (that one and all after it), `{cwd}`, or an absolute path. */
export function readRootTemplate(text: string): RootTemplate | undefined {
  if (text === '{cwd}') return { kind: 'cwd' };
  const argument = /^\{argv\[(\d{1,3})(\.\.)?\]\}$/.exec(text);
  if (argument !== null)
    return { kind: 'argument', index: Number(argument[1]), andFollowing: argument[2] !== undefined };
  return text.startsWith('/') ? { kind: 'literal', path: text } : undefined;
}

/** How an upstream is started: `command` is the program and its arguments, absent where it is reached by URL. */
interface UpstreamStart {
  readonly command?: readonly string[];
  /** Absolute. */
  readonly cwd: string;
}

/**
 * The real directories that an upstream serves. The error is a sentence; such an upstream does not start: which
 * directories it holds, and whether Lanyard's own are among them, cannot be told.
 */
export function rootsOf(
  templates: readonly RootTemplate[],
  start: UpstreamStart,
  files: FileView,
): Result<readonly string[], string> {
  const roots: string[] = [];
  for (const template of templates) {
    const written = writtenRoots(template, start);
    if (!written.ok) return written;
    for (const text of written.value) {
      // server-filesystem expands ~ here; a literal directory of that name would not be what it serves.
      if (text === '~' || text.startsWith('~/'))
        return err(`the served directory ${text} begins with ~; write it out`);
      const real = files.realpath(posix.resolve(start.cwd, text));
      if (real === null) return err(`the served directory ${text} does not exist`);
      if (!roots.includes(real)) roots.push(real);
    }
  }
  return ok(roots);
}

function writtenRoots(
  template: RootTemplate,
  { command, cwd }: UpstreamStart,
): Result<readonly string[], string> {
  if (template.kind === 'cwd') return ok([cwd]);
  if (template.kind === 'literal') return ok([template.path]);
  const words = command?.slice(template.index, template.andFollowing ? undefined : template.index + 1) ?? [];
  if (words.length > 0 && words.every((word) => word !== '')) return ok(words);
  return err(`its command has no argument ${template.index}, which would name the directory it serves`);
}
