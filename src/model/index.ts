/** model: the nouns of this house as plain values (PLAN §5). No behaviour beyond what a value says of itself. */
