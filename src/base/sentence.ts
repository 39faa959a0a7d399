/** A reason as a sentence that another can follow: people write them with a full stop and without one. */
export const asSentence = (reason: string): string => (/[.!?…]$/.test(reason) ? reason : `${reason}.`);
