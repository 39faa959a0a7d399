import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPages } from './pages.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-pages-'));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html>');
  writeFileSync(join(directory, 'assets', 'index-1.js'), 'export const one = 1;\n'.repeat(500));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a file of the console', () => {
  it('is packed where that makes it shorter, once, and is the same unpacked', async () => {
    const page = readPages(directory)?.find('/assets/index-1.js');
    const packed = await page?.packed();
    expect(packed?.length).toBeLessThan((page?.bytes.length ?? 0) / 5);
    expect(gunzipSync(packed ?? new Uint8Array()).equals(page?.bytes ?? new Uint8Array())).toBe(true);
    expect(await page?.packed()).toBe(packed);
  });

  it('is left as it is where it is short', async () => {
    expect(await readPages(directory)?.find('/')?.packed()).toBeNull();
  });
});
