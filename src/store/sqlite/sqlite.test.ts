import { describeStore } from '../suite.ts';
import { open } from './suite/inline.ts';

describeStore('SQLite', { open, module: new URL('./suite/inline.ts', import.meta.url) });
