import { createRequire } from 'node:module';

// Required, not imported: the package's own types do not compile under this project's settings.
const { validateOpenRPCDocument }: { validateOpenRPCDocument: (document: unknown) => unknown } = createRequire(
  import.meta.url,
)('@open-rpc/schema-utils-js');

/** Whether a document is valid by the OpenRPC specification. */
export const isOpenRpc = (document: object): boolean => validateOpenRPCDocument(structuredClone(document)) === true;
