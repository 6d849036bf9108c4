import { packError } from '../worker/serialize-error.ts';
import { requestIn, tryPlugin } from './try-plugin.ts';

// Tests a plugin apart from the command that shows the results: it may print, exit, or never return control.

const send = (message: object, sent: () => void = () => undefined): void => void process.send?.(message, sent);

process.once('message', message => {
  tryPlugin(requestIn(message), what => send({ began: what })).then(
    report => send({ report }, () => process.exit()),
    (error: unknown) => send({ failed: packError(error) }, () => process.exit()),
  );
});
