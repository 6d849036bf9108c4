/** An entry of a menu. In a submenu it has a depth. */
export type MenuItem = {
  readonly title: string;
  readonly depth: number;
  readonly params: Readonly<Record<string, string>>;
};

export type Menu = { readonly header: readonly MenuItem[]; readonly sections: readonly (readonly MenuItem[])[] };

/**
 * Reads the output of a plugin as xbar and SwiftBar document it: lines before the first `---` are in the menu bar,
 * further `---` are separators, `--` in front means a submenu, and parameters follow the first `|`.
 */
export function parseMenu(output: string): Menu {
  const [header = [], ...sections] = output
    .trimEnd()
    .split(/^---\n/m)
    .map(part => part.trimEnd().split('\n').map(parseItem));
  return { header, sections };
}

function parseItem(line: string): MenuItem {
  const end = line.indexOf('|');
  const [before, after] = end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end + 1)];
  const [, dashes = '', title = ''] = /^((?:--)*)(.*)$/.exec(before) ?? [];
  const params = [...after.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, bare]) => [
    name,
    quoted ?? bare ?? '',
  ]);
  return { title: title.trim(), depth: dashes.length / 2, params: Object.fromEntries(params) };
}
