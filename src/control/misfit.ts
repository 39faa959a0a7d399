import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What does not fit a shape, for a person: the first place, and what is wrong there. Repeats no value. */
export function misfitOf(error: { readonly issues: readonly Issue[] }): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'it has another shape';
  return `${issue.path.join('.') || 'the body'} ${sentenceOf(issue)}`;
}

function sentenceOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      if (issue.minimum === 1 && unitOf(issue.origin) !== '') return 'must not be empty';
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return 'pattern' in issue && typeof issue.pattern === 'string'
        ? `must be of the form ${issue.pattern.replace(/^\/\^?|\$?\/[a-z]*$/g, '')}`
        : `must be of the form of a ${issue.format}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}, which nothing here reads`;
    default:
      return `does not fit: ${issue.message}`;
  }
}

const KINDS: { readonly [expected: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' || origin === 'set' ? ' items long' : '';
}
