import type { Attempt } from '../../src/model/action.ts';

/** May `writer` look at `a` in the box? As the check door asks the corridor. */
export const CHECK: Attempt = {
  agent: 'writer',
  session: 's1',
  token: 't1',
  door: 'check',
  upstream: 'box',
  method: 'tools/call',
  name: 'look',
  arguments: { id: 'a' },
};
