import { describeStore } from '../suite.ts';
import * as inline from './suite/inline.ts';
import * as tables from './suite/tables.ts';

describeStore('SQLite', {
  open: inline.open,
  module: new URL('./suite/inline.ts', import.meta.url),
  shared: false,
});
describeStore('SQLite without its journal', {
  open: tables.open,
  module: new URL('./suite/tables.ts', import.meta.url),
  shared: true,
});
