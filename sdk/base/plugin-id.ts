/** Whether the kernel accepts a text as a plugin's id. Ids end up in shells and in file names. */
export const isPluginId = (text: string): boolean => /^[A-Za-z0-9][\w.-]{0,63}$/.test(text);

/** The form of an id in options and examples: lower-case letters, digits and dashes. */
export const PLAIN_ID = /^[a-z0-9][a-z0-9-]*$/;
