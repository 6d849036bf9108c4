/** Finds programs on the PATH of the given environment; undefined where one is not installed. */
export const createWhich = (env: Readonly<Record<string, string | undefined>>) => async (program: string): Promise<string | undefined> => {
  const { default: which } = await import('which');
  const found = await which(program, { nothrow: true, path: env['PATH'] ?? env['Path'] ?? '', pathExt: env['PATHEXT'] });
  return found ?? undefined;
};
