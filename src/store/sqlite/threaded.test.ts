import { describeStore } from '../suite.ts';
import { open } from './suite-keeper-threaded.ts';

describeStore('SQLite with a writing thread', {
  open,
  module: new URL('./suite-keeper-threaded.ts', import.meta.url),
});
