import { StoreConflict } from '../store.ts';
import type { FlatBatch } from './flat-batch.ts';

/** What the main thread asks of the writing thread; each is answered by one Reply with its id, in order. */
export type Request =
  | { readonly id: number; readonly kind: 'append'; readonly batch: FlatBatch }
  | { readonly id: number; readonly kind: 'expire'; readonly nowMs: number }
  | { readonly id: number; readonly kind: 'close' };

export type Reply =
  | { readonly id: number; readonly kind: 'done'; readonly count: number }
  | { readonly id: number; readonly kind: 'failed'; readonly fault: FaultShape };

/** An error as it crosses: what callers tell apart stays apart. */
export type FaultShape =
  | { readonly name: 'StoreConflict'; readonly expected: number; readonly found: number }
  | { readonly name: 'RangeError' | 'Error'; readonly message: string };

export function shapeOf(fault: unknown): FaultShape {
  if (fault instanceof StoreConflict) {
    return { name: 'StoreConflict', expected: fault.expected, found: fault.found };
  }
  if (fault instanceof RangeError) return { name: 'RangeError', message: fault.message };
  return { name: 'Error', message: fault instanceof Error ? fault.message : String(fault) };
}

export function faultOf(shape: FaultShape): Error {
  if (shape.name === 'StoreConflict') return new StoreConflict(shape.expected, shape.found);
  return shape.name === 'RangeError' ? new RangeError(shape.message) : new Error(shape.message);
}
