import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Target } from '../../model/action.ts';

const HOME = 'github.com';
/** Other names under which the same host answers. */
const SAME_HOST = new Set([HOME, `www.${HOME}`, `ssh.${HOME}`]);
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** A repository as a target, and the text that is sent in place of what was written. */
interface ResolvedRepo {
  readonly target: Target;
  readonly sent: string;
}

/**
 * The one normaliser of repositories: `owner/name` in lower case for GitHub, whose names ignore case, and
 * `host/owner/name` for any other host, so that a namesake elsewhere is another target. Accepts `owner/name`, an
 * http(s) or ssh address, and the `git@host:owner/name` form; drops `.git`. What is sent keeps the caller's letters
 * (creating a repository keeps its case) and form, without `.git`, user names and trailing slashes.
 */
export function resolveRepo(text: string): Result<ResolvedRepo, string> {
  if (text.length > LIMITS.targetIdLength) return err(`is longer than ${LIMITS.targetIdLength} characters`);
  const scp = /^git@([A-Za-z0-9.-]+):([^/].*)$/.exec(text);
  if (scp !== null) return build('ssh', scp[1] ?? '', scp[2] ?? '');
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return build('plain', HOME, text);
  if (/[\0-\x20\x7f\\%?#]/.test(text) || !URL.canParse(text))
    return err('is no valid address of a repository');
  const url = new URL(text);
  const user = url.username === '' ? '' : `${url.username}:${url.password}`;
  if (url.protocol === 'ssh:' && (user === '' || user === 'git:') && url.port === '')
    return build('ssh', url.hostname, url.pathname.slice(1));
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return err(`is an address of the scheme ${url.protocol.slice(0, -1)}, not of a repository`);
  if (user !== '' || url.port !== '') return err('is an address with a user name or a port in it');
  return build(url.protocol === 'http:' ? 'http' : 'https', url.hostname, url.pathname.slice(1));
}

type Form = 'plain' | 'http' | 'https' | 'ssh';

function build(form: Form, host: string, path: string): Result<ResolvedRepo, string> {
  const [owner, name, ...more] = path.replace(/\/$/, '').split('/');
  const short = name?.replace(/\.git$/i, '');
  if (owner === undefined || short === undefined || more.length > 0 || !isName(owner) || !isName(short))
    return err('names no repository; write it owner/name');
  if (/\.git$/i.test(short)) return err('ends in .git twice, which programs read differently');
  const machine = host.toLowerCase().replace(/\.$/, '');
  if (machine === '') return err('names no host');
  const prefix = SAME_HOST.has(machine) ? '' : `${machine}/`;
  const organisation = `${prefix}${owner.toLowerCase()}`;
  const id = `${organisation}/${short.toLowerCase()}`;
  const written = `${owner}/${short}`;
  const start = {
    plain: '',
    http: `http://${machine}/`,
    https: `https://${machine}/`,
    ssh: `ssh://git@${machine}/`,
  };
  return ok({
    sent: `${start[form]}${written}`,
    target: { type: 'Repo', id, ancestors: [{ type: 'Org', id: organisation }], attributes: { id } },
  });
}

function isName(text: string): boolean {
  return NAME.test(text) && text !== '.' && text !== '..';
}

/** An organisation by itself: lower case, like the one of a repository. */
export function resolveOrg(text: string): Result<Target, string> {
  if (!isName(text)) return err('names no organisation');
  const id = text.toLowerCase();
  return ok({ type: 'Org', id, ancestors: [], attributes: { id } });
}
