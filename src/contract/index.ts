/** contract: the shapes that outsiders rely on (docs/formats/interface.md), per version. Sees base only. */
