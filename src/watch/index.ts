/**
 * watch: follows the log: sends its checkpoints to witnesses, says what is covered, tells others in their formats, and
 * reaches people. It sees only what is durable, and holds nothing up: what it cannot deliver is told.
 */
