import { Component, type ComponentChildren } from 'preact';

interface Props {
  /** What is shown in the place of children that threw. */
  fallback: ComponentChildren;
  /** When it changes, the children are tried again. */
  of?: unknown;
  children: ComponentChildren;
}

interface State {
  failedAt: { of: unknown } | null;
}

/** Keeps what throws while it is rendered from taking along what stands beside it. */
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
