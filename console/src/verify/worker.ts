import './global.ts';
import { type ToVerifier, Verifier } from './verifier.ts';

/** A thread of its own, so that a log of a million entries does not hold up the page. */
const verifier = new Verifier((message) => postMessage(message));
addEventListener('message', ({ data }: MessageEvent<ToVerifier>) => verifier.take(data));
