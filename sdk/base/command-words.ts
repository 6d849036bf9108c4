/** The words of a command line, without the quotes that Windows has around a path with spaces. */
export const commandWords = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
