import { packError } from '../worker/serialize-error.ts';
import { requestIn, scrubberFor, tryPlugin } from './try-plugin.ts';

// Tests a plugin apart from the command that shows the results: it may print, exit, or never return control.

const send = (message: object, sent: () => void = () => undefined): void => void process.send?.(message, sent);

// The command may be killed, and its process with it only if that listens.
process.once('disconnect', () => process.exit());
process.once('message', message => {
  const request = requestIn(message);
  const { clean } = scrubberFor(request);
  tryPlugin(request, what => send({ began: what })).then(
    report => send({ report: clean(report) }, () => process.exit()),
    (error: unknown) => send({ failed: clean(packError(error)) }, () => process.exit()),
  );
});
