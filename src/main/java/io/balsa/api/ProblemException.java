package io.balsa.api;

/**
 * Ends the handling of a request with a problem document. Without a stack trace: it is no fault of
 * ours.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public static ProblemException invalid(String detail) {
    return new ProblemException(Problem.invalid(detail));
  }

  public Problem problem() {
    return problem;
  }
}
