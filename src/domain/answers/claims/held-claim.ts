/** The claim of a runner. Its attempt may be raised, which a renewal of leases may overtake. */
export class HeldClaim<C> {
  #current: C;
  #isRaising = false;

  constructor(claim: C) {
    this.#current = claim;
  }

  get current(): C {
    return this.#current;
  }

  /** `raise`: null if the claim is not held any more. Resolves to whether it is. */
  async raise(raise: () => Promise<C | null>): Promise<boolean> {
    this.#isRaising = true;
    try {
      const raised = await raise();
      this.#current = raised ?? this.#current;
      return raised !== null;
    } finally {
      this.#isRaising = false;
    }
  }

  /** Whether the claim is lost, as no lease was found for `asked`. It may have got another attempt since. */
  isLost(asked: C): boolean {
    return !this.#isRaising && this.#current === asked;
  }
}
