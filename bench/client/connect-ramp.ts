/** A server's queue of connections to accept is often 128 long or little more; beyond it the system retries after a second. */
const MOST_CONNECTING = 100;

/** Lets so many connections be made at a time, however many are wanted at once; the others wait. */
export class ConnectRamp {
  readonly #waiting: (() => void)[] = [];
  #connecting = 0;

  /** @param start is told what to call once its connection is made or has failed */
  enter(start: (leave: () => void) => void): void {
    const enter = (): void => {
      this.#connecting += 1;
      start(() => {
        this.#connecting -= 1;
        this.#waiting.shift()?.();
      });
    };
    if (this.#connecting < MOST_CONNECTING) enter();
    else this.#waiting.push(enter);
  }
}
