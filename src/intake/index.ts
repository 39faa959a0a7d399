/**
 * intake: wire → Attempt. Bytes become a message, a message an attempt, or they are refused with the reason. Pure, and
 * the same for every door: doors bring bytes and headers, and send on only what comes out here.
 */
