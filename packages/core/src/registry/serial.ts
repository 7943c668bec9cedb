/** Does one piece of work after the other. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts the work once all that came before has ended, whatever became of it. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
