import type { Attack, AttackClass, Outcome, Place } from '../attack.ts';
import { callText, MARK, post } from '../wire.ts';
import { HIDDEN, INSIDE, OUTSIDE } from '../workspace.ts';

const call = (name: string, args: object | ((place: Place) => object)) => (place: Place) =>
  post(callText(name, typeof args === 'function' ? args(place) : args), {
    path: '/mcp/files',
    headers: { 'Mcp-Name': name },
  })(place);

const REAL = 'The real path is decided on and sent: made absolute, links followed, nothing percent-decoded.';
const denied = (
  id: string,
  tries: string,
  name: string,
  args: object | ((place: Place) => object),
  code: string,
  why = REAL,
  status = 200,
): Attack => ({
  id: `path-${id}`,
  door: 'http',
  files: true,
  tries,
  must: code === 'ok' ? 'Passes.' : `Ends with ${code}.`,
  why,
  steps: [call(name, args)],
  expect: { status, code, lacks: [HIDDEN, OUTSIDE] },
});
/** Writes something to a path; nothing hidden may be written. */
const write = (id: string, tries: string, path: string, code: string, why?: string): Attack =>
  denied(`write-${id}`, tries, 'write_file', { path, content: MARK }, code, why);
/** Reads a path; the server itself keeps to its directory, and nothing outside comes back. */
const read = (
  id: string,
  tries: string,
  path: string | ((place: Place) => string),
  code: string,
  why?: string,
): Attack =>
  denied(
    `read-${id}`,
    tries,
    'read_text_file',
    (place: Place) => ({ path: typeof path === 'function' ? path(place) : path }),
    code,
    why,
  );

const RULE = 'The rule on hidden files sees the real name.';
const ALLOWED: Outcome = { code: 'ok', says: [INSIDE] };
const ROOTS = 'What lies outside the directory that is served is no path of this upstream.';

export const PATHS: AttackClass = {
  title: 'Paths and links',
  rows: [
    write('hidden', 'A hidden file', '.env', 'FORBIDDEN', RULE),
    write('dot-slash', 'A hidden file behind ./', './.env', 'FORBIDDEN', RULE),
    write('slashes', 'A hidden file behind doubled slashes', './/.//.env', 'FORBIDDEN', RULE),
    write('up-and-down', 'A hidden file by way of a directory', 'sub/../.env', 'FORBIDDEN', RULE),
    write('link', 'A hidden file by a link with a harmless name', 'harmless.txt', 'FORBIDDEN', RULE),
    write('slash-behind', 'A hidden file with a slash behind it', '.env/', 'FORBIDDEN', RULE),
    write('dot-behind', 'A hidden file with /. behind it', '.env/.', 'FORBIDDEN', RULE),
    write('nul', 'A hidden file behind a NUL', '.env\0.txt', 'TARGET_UNKNOWN', 'No path holds NUL.'),
    write(
      'link-around',
      'A hidden file by a link that leads out and in again',
      'up/workspace/.env',
      'FORBIDDEN',
      RULE,
    ),
    write(
      'loop',
      'A link that leads to itself',
      'loop/x',
      'TARGET_UNKNOWN',
      'What it leads to cannot be told.',
    ),
    write(
      'depth',
      'A path of 200 directories',
      `${'a/'.repeat(200)}x`,
      'TARGET_UNKNOWN',
      'Directories in a path are bounded.',
    ),
    denied(
      'move-onto',
      'A harmless file is moved onto a hidden one',
      'move_file',
      { source: 'a.txt', destination: '.env' },
      'FORBIDDEN',
      'An action is decided for each of its targets.',
    ),
    denied(
      'move-from',
      'A hidden file is moved to a harmless name',
      'move_file',
      { source: '.env', destination: 'b.txt' },
      'FORBIDDEN',
      'An action is decided for each of its targets.',
    ),
    denied(
      'edit-link',
      'A hidden file is edited by a link',
      'edit_file',
      { path: 'harmless.txt', edits: [{ oldText: 'SECRET', newText: MARK }] },
      'FORBIDDEN',
      RULE,
    ),
    read('outside', 'A file outside by ..', '../outside.txt', 'FORBIDDEN', ROOTS),
    read('outside-link', 'A file outside by a link', 'out.txt', 'FORBIDDEN', ROOTS),
    read(
      'outside-link-directory',
      'A file outside by a link to its directory',
      'up/outside.txt',
      'FORBIDDEN',
      ROOTS,
    ),
    read('absolute', 'A file of the system by its absolute path', '/etc/passwd', 'FORBIDDEN', ROOTS),
    read('proc', 'A file of the system by way of /proc', '/proc/self/root/etc/passwd', 'FORBIDDEN', ROOTS),
    read(
      'home',
      'A file of the home directory',
      '~/.ssh/id_rsa',
      'TARGET_UNKNOWN',
      'Programs read a tilde differently, so it says nothing certain.',
    ),
    read(
      'uri',
      'A file outside as an address',
      ({ workspace }) => `file://${workspace}/../outside.txt`,
      'FORBIDDEN',
      ROOTS,
    ),
    read(
      'uri-encoded',
      'A file outside as an address with encoded dots',
      ({ workspace }) => `file://${workspace}/%2e%2e/outside.txt`,
      'FORBIDDEN',
      ROOTS,
    ),
    read(
      'uri-host',
      'A file of another machine as an address',
      'file://evil.example/etc/passwd',
      'TARGET_UNKNOWN',
      'A file of another machine is none of this one.',
    ),
    read(
      'encoded',
      'Dots that are percent-encoded',
      '%2e%2e/outside.txt',
      'ok',
      'A plain path is never decoded, so this is a name like any other, of a file that does not exist.',
    ),
    read(
      'unicode-dots',
      'Dots in full width',
      '\uff0e\uff0e/outside.txt',
      'ok',
      'These are letters of a name, of a file that does not exist.',
    ),
    read(
      'backslash',
      'Backslashes',
      '..\\outside.txt',
      'ok',
      'A backslash is a letter here, of a file that does not exist.',
    ),
    read(
      'state',
      "The gateway's own state",
      '../state/lanyard.db',
      'PROTECTED',
      'What belongs to the gateway is permitted by no rule.',
    ),
    read(
      'configuration',
      "The gateway's own configuration",
      '../lanyard.yaml',
      'PROTECTED',
      'What belongs to the gateway is permitted by no rule.',
    ),
    read(
      'state-link',
      "The gateway's own configuration by a link",
      'up/lanyard.yaml',
      'PROTECTED',
      'What belongs to the gateway is permitted by no rule.',
    ),
    denied(
      'many',
      'An outside file among others',
      'read_multiple_files',
      { paths: ['a.txt', '../outside.txt'] },
      'FORBIDDEN',
      'An action is decided for each of its targets.',
    ),
    denied(
      'many-own',
      "The gateway's own file among others",
      'read_multiple_files',
      { paths: ['a.txt', '../lanyard.yaml'] },
      'PROTECTED',
      'An action is decided for each of its targets.',
    ),
    denied(
      'many-flood',
      'More files than one action may have',
      'read_multiple_files',
      { paths: Array.from({ length: 300 }, (_, at) => `${at}.txt`) },
      'TOO_MANY_TARGETS',
      'Targets are bounded.',
    ),
    {
      ...read('order', 'A file that may be read', 'a.txt', 'ok', 'It is allowed.'),
      control: true,
      expect: { ...ALLOWED, lacks: [HIDDEN, OUTSIDE] },
    },
    {
      ...read(
        'percent',
        'A file with a percent sign in its name',
        '50%.txt',
        'ok',
        'A plain path is never decoded.',
      ),
      control: true,
      expect: { ...ALLOWED, lacks: [HIDDEN, OUTSIDE] },
    },
  ],
};
