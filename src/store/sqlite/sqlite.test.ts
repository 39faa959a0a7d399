import { describeStore } from '../suite.ts';
import { open } from './suite-keeper.ts';

describeStore('SQLite', { open, module: new URL('./suite-keeper.ts', import.meta.url) });
