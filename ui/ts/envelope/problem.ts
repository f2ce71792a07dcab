// What can be wrong with an envelope, as the errors of envelope/envelope.go.
export type EnvelopeProblem = "missing" | "damaged" | "newer" | "weak" | "password" | "too_large";

export class EnvelopeError extends Error {
  readonly problem: EnvelopeProblem;

  constructor(problem: EnvelopeProblem) {
    super(problem);
    this.problem = problem;
  }
}

export function refuse(problem: EnvelopeProblem): never {
  throw new EnvelopeError(problem);
}
