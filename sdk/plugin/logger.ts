type Log = {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
};

/** Where a plugin writes what it did. Messages are constant; what varies goes into `fields`. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
