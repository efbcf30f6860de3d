import { Component, type ComponentChildren } from 'preact';

interface Props {
  /** Shown in place of children that threw. */
  fallback: ComponentChildren;
  /** When it changes, the children are tried again. */
  of?: unknown;
  children: ComponentChildren;
}

interface State {
  failedAt: { of: unknown } | null;
}

/** Keeps an error in one part from removing the parts beside it. */
export class Guard extends Component<Props, State> {
  override state: State = { failedAt: null };

  override componentDidCatch(error: unknown): void {
    reportError(error);
    this.setState({ failedAt: { of: this.props.of } });
  }

  override render({ children, fallback, of }: Props, { failedAt }: State) {
    return failedAt !== null && failedAt.of === of ? fallback : children;
  }
}
