/** The tools that can show the sessions, and what makes them do so: files in docs/snippets. */
export const SNIPPETS: Readonly<Record<string, string>> = {
  bash: 'bash.sh',
  zsh: 'zsh.zsh',
  fish: 'fish.fish',
  starship: 'starship.toml',
  'oh-my-posh': 'oh-my-posh.toml',
  tmux: 'tmux.conf',
  zellij: 'zellij.kdl',
  waybar: 'waybar.jsonc',
  'waybar-css': 'waybar.css',
  polybar: 'polybar.ini',
  'i3status-rust': 'i3status-rust.toml',
  swiftbar: 'keepalive.30s.sh',
  xbar: 'keepalive.30s.sh',
  raycast: 'raycast.sh',
};
