/** What a format may contain. */
export const PLACEHOLDERS = ['symbol', 'summary', 'alive', 'total', 'trouble', 'next', 'ids'] as const;

export const PLACEHOLDER = /\{(\w+)\}/g;

/** The first placeholder of a format that means nothing. */
export const unknownPlaceholder = (format: string): string | undefined =>
  [...format.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .find(name => !PLACEHOLDERS.some(known => known === name));
