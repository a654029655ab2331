// A mistake of ours must not leave an empty page.
import { Component, type ReactNode } from 'react';
import { Failure } from './states';

interface State {
  error: unknown;
}

export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Failure what="page" error={this.state.error} retry={() => window.location.reload()} />;
  }
}
