import { describeStore } from '../suite.ts';
import { open } from './suite/threaded.ts';

describeStore('SQLite with a writing thread', {
  open,
  module: new URL('./suite/threaded.ts', import.meta.url),
});
