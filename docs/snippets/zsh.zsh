# Session Keepalive in the prompt of zsh. Put this at the end of ~/.zshrc.
setopt prompt_subst
PROMPT='$(keepalive prompt --format zsh) '"$PROMPT"
