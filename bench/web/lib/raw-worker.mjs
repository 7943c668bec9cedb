/** A bare worker with sessions of the raw runtime, asked one thing after another. */
export class RawWorker {
  #worker = new Worker(new URL("./raw-worker-script.mjs", import.meta.url), { type: "module" });

  /** The number of a new session. */
  open(source) {
    return this.#ask({ source: new URL(source, location.href).href, files: globalThis.runtimeFiles });
  }

  run(session, feeds) {
    return this.#ask({ session, feeds });
  }

  end() {
    this.#worker.terminate();
  }

  #ask(question) {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(question);
    });
  }
}
