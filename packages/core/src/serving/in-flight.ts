/** Counts work under way, so that a drain can wait for its end. */
export class InFlight {
  count = 0;
  #idle: (() => void)[] = [];

  done(): void {
    this.count--;
    if (this.count > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves once nothing is under way. */
  idle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
