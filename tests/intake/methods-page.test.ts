import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { methodsPage } from './methods-page.ts';

/** After a change of the list: `npx vitest run tests/intake/methods-page.test.ts --update`. */
test('docs/formats/methods.md says what the code does', async () => {
  const page = fileURLToPath(new URL('../../docs/formats/methods.md', import.meta.url));
  await expect(methodsPage()).toMatchFileSnapshot(page);
});
