"""What the shell may put in place of a word: bash, zsh and fish ask the tools themselves."""
