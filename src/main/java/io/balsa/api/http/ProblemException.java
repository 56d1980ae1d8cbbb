package io.balsa.api.http;

/**
 * Ends the handling of a request with a problem document. Without a stack trace: it is no fault of
 * ours.
 */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  static ProblemException invalid(String detail) {
    return new ProblemException(Problem.invalid(detail));
  }

  Problem problem() {
    return problem;
  }
}
