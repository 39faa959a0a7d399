import { homedir } from 'node:os';
import type { JsonObject } from '../../base/json.ts';

/** What the instance grants a run. */
export interface Terms {
  readonly env: readonly string[];
  readonly writable: readonly string[];
  readonly own: readonly string[];
  readonly hidden: readonly string[];
  readonly shown: readonly string[];
  readonly port: number;
  readonly time: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly processes?: number;
}

export function readTerms(given: JsonObject): Terms {
  const texts = (name: string) => (Array.isArray(given[name]) ? given[name].map(String) : []);
  const count = (name: string) => (typeof given[name] === 'number' ? { [name]: given[name] } : {});
  return {
    env: texts('env'),
    writable: texts('writable').map((path) => path.replace(/^~(?=\/|$)/, homedir())),
    own: texts('own'),
    hidden: texts('hidden'),
    shown: texts('shown'),
    port: Number(given['port']),
    time: String(given['time']),
    ...count('cpu'),
    ...count('memory'),
    ...count('processes'),
  };
}

const PLAIN = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TERM', 'TZ', 'USER', 'LOGNAME', 'SHELL'];

/**
 * The whole environment of the program: plain variables, those that its agent's `run.env` names, its token and where its
 * doors are. Nothing else of this process's goes on.
 */
export function environmentOf(
  terms: Terms,
  { run, token, port }: { readonly run: string; readonly token: string; readonly port: number },
): Record<string, string> {
  const passed = [...PLAIN, ...terms.env].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const proxy = `http://run:${token}@127.0.0.1:${port}`;
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  return {
    ...Object.fromEntries(passed),
    ...Object.fromEntries(proxies.map((name) => [name, proxy])),
    NO_PROXY: '127.0.0.1,localhost,::1',
    no_proxy: '127.0.0.1,localhost,::1',
    NODE_USE_ENV_PROXY: '1',
    LANYARD_RUN: run,
    LANYARD_TOKEN: token,
    LANYARD_URL: `http://127.0.0.1:${port}`,
  };
}
