# Session Keepalive in the prompt of bash. Put this at the end of ~/.bashrc.
PS1='$(keepalive prompt --format bash) '"$PS1"
