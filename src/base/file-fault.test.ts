import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { fileFault, systemFault } from './file-fault.ts';

const faultOf = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fileFault(error, 'read');
  }
};

it('says why in words, and leaves what it does not know as it was said', () => {
  expect(faultOf('/nowhere/at/all')).toBe('it does not exist');
  expect(faultOf('/tmp')).toBe('it is a directory');
  expect(faultOf('/dev/null/key')).toBe('what stands for its directory is a file');
  expect(fileFault(new Error('the disk is on fire'), 'write')).toBe('the disk is on fire');
  expect(fileFault('no', 'read')).toBe('no');
});

it('makes a sentence of what the system or SQLite said, and of nothing else', () => {
  const said = (act: () => unknown) => {
    try {
      return act();
    } catch (error) {
      return systemFault(error);
    }
  };
  expect(said(() => readFileSync('/nowhere/at/all'))).toBe(
    '/nowhere/at/all cannot be used: it does not exist.',
  );
  expect(said(() => readFileSync('/dev/null/key'))).toMatch(
    /^\/dev\/null\/key cannot be used: what stands for/,
  );
  expect(said(() => new DatabaseSync('/nowhere/at/all'))).toMatch(
    /^The state cannot be opened: a file of it/,
  );
  const readOnly = Object.assign(new Error('attempt to write a readonly database'), { errcode: 1544 });
  expect(systemFault(readOnly)).toMatch(/^The state cannot be opened: this user may not write/);
  expect(systemFault(new Error('the disk is on fire'))).toBe(null);
  expect(systemFault('no')).toBe(null);
});
