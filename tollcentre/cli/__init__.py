"""Where the verbs live."""
