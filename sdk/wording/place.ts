/** A path for display, with `~` for the user's home folder. A description of a store stays as it is. */
export function withTilde(path: string, userHome: string | undefined): string {
  const home = userHome?.replace(/[/\\]+$/, '');
  if (!home || !path.startsWith(home)) return path;
  const rest = path.slice(home.length);
  return rest === '' || /^[/\\]/.test(rest) ? `~${rest}` : path;
}
