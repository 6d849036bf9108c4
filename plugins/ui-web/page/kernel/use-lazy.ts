import { useEffect, useState } from 'preact/hooks';

/** A part of the page that is loaded when it is needed, so that the page itself is there sooner. */
export function useLazy<Part extends object>(wanted: boolean, load: () => Promise<Part>): Part | 'failed' | undefined {
  const [part, setPart] = useState<Part | 'failed'>();
  useEffect(() => {
    if (wanted && !part) load().then(setPart, () => setPart('failed'));
  }, [wanted]);
  return part;
}
