import type { Sign } from '../format/labels.ts';

const SHAPES: Readonly<Record<Sign, string>> = {
  check: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M5 8.2l2.1 2.1L11 6',
  circle: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M8 4.8V8l2.2 1.6',
  ring: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13',
  turning: 'M13.8 6A6.2 6.2 0 0 0 2.6 5M2.2 10a6.2 6.2 0 0 0 11.2 1M2.3 1.8V5h3.2M13.7 14.2V11h-3.2',
  cloud: 'M4.6 12.5a3.1 3.1 0 0 1-.2-6.2a4 4 0 0 1 7.6 1a2.7 2.7 0 0 1 .2 5.2zM2 2l12 12.5',
  triangle: 'M8 2l6.5 11.5h-13zM8 6.4v3.4M8 11.6v.1',
  pause: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M6.3 5.6v4.8M9.7 5.6v4.8',
  cross: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
};

/** A sign beside a label that says the same, so that nothing depends on its colour. */
export const Icon = ({ sign }: { readonly sign: Sign }) => (
  <svg class={`icon icon-${sign}`} viewBox="0 0 16 16" aria-hidden="true">
    <path
      d={SHAPES[sign]}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
