import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fileFault } from './file-fault.ts';

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
