'use client';

import { Component, type ReactNode } from 'react';

/** Shows `fallback` for good once its children have thrown, so that the rest of the page stays. */
export class FallbackBoundary extends Component<
  { fallback: ReactNode; children: ReactNode },
  { hasFailed: boolean }
> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
