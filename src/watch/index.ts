/** watch: follows the log: sends its checkpoints to witnesses, says what is covered, tells others in their formats, and reaches people. */
