/** base, floor 0: clock, ids, canonical JSON, hashes, limits, the error table. Imports nothing of ours. */
