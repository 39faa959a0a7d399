/** model: the nouns of this house as plain values (docs/formats/interface.md has their words). No behaviour beyond what a value says of itself. */
