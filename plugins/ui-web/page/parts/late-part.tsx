import { useEffect, useState } from 'preact/hooks';
import { Button } from './controls.tsx';

/** A part of the page that is loaded when it is needed, so that the page itself is there sooner. */
export function useLatePart<Part extends object>(
  wanted: boolean,
  load: () => Promise<Part>,
): Part | 'failed' | undefined {
  const [part, setPart] = useState<Part | 'failed'>();
  useEffect(() => {
    if (wanted && !part) load().then(setPart, () => setPart('failed'));
  }, [wanted]);
  return part;
}

/** After a restart, the daemon sends no file before the page is loaded again. */
export const LoadAgain = () => (
  <p class="failed" role="alert">
    This part of the page has to be loaded again.{' '}
    <Button kind="plain" off={false} press={() => location.reload()}>
      Reload the page
    </Button>
  </p>
);
