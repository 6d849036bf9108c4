# Session Keepalive at the right end of fish's prompt. Save this as ~/.config/fish/functions/fish_right_prompt.fish.
function fish_right_prompt
    keepalive prompt --format ansi
end
