type Log = {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
};

/** The log of a plugin. Messages are constant; everything that varies goes into `fields`. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
