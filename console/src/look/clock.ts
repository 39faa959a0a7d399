import { useSyncExternalStore } from 'react';
import { listenToTime, timeNow } from '../api/clock.ts';

export function useNow(): number {
  return useSyncExternalStore(listenToTime, timeNow);
}
