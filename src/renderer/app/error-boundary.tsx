import { Component, type ReactNode } from 'react';
import { Button, EmptyState } from '../ui/index.ts';

interface Props {
  /** What is inside, in the sentence that is shown where it fails: `the graph`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Keeps a fault in one pane from taking the window with it. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error): void {
    console.error(`Drawing ${this.props.what} failed:`, error);
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <EmptyState
        text={`Something went wrong in ${this.props.what}. Your story is safe.`}
        action={<Button onClick={() => this.setState({ error: null })}>Show it again</Button>}
      />
    );
  }
}
