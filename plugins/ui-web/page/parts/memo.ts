import { Component, h, type ComponentType } from 'preact';

/**
 * The component, drawn again only when one of its properties has changed. Rows of many sessions are such components,
 * because each change of one session draws the whole page.
 */
export const memo = <P extends object>(Drawn: ComponentType<P>): ComponentType<P> =>
  class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = new Map<string, unknown>(Object.entries(this.props));
      return Object.entries(next).some(([name, value]) => before.get(name) !== value);
    }
    override render(props: P) {
      return h(Drawn, props);
    }
  };
