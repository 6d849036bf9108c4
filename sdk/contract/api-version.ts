/** The version of the plugin API. A package of a plugin declares the one that it was made for. */
export const API_VERSION = 1;
