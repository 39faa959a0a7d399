import type { Sensitivity, Source } from '../entry.ts';
import type { Proposed } from './classes.ts';
import { wordsOf } from './words.ts';

const SECRET =
  /^(secret|secrets|token|tokens|key|keys|password|credential|credentials|cookie|env|config|storage|sql|vault)$/;
const PERSONAL =
  /^(user|users|profile|profiles|member|members|people|person|contact|contacts|mail|email|emails|message|messages|thread|threads|inbox|customer|customers|calendar|collaborators|watchers|assignable)$/;

/** What comes back from a tool: untrusted always, and secret unless its name speaks of people. */
export function proposeResults(name: string): {
  readonly source: Proposed<Source>;
  readonly sensitivity: Proposed<Sensitivity>;
} {
  const words = wordsOf(name);
  const secret = words.find((word) => SECRET.test(word));
  const personal = words.find((word) => PERSONAL.test(word));
  return {
    source: { value: 'untrusted', why: 'anybody may have written what it answers' },
    sensitivity:
      secret === undefined && personal !== undefined
        ? { value: 'personal', why: `"${personal}" in its name` }
        : {
            value: 'secret',
            why: secret === undefined ? 'nothing says what it answers' : `"${secret}" in its name`,
          },
  };
}
