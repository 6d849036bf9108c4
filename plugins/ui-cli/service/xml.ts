const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in an XML document. */
export const xml = (text: string): string => text.replaceAll(/[&<>"]/g, character => ENTITIES[character] ?? character);
