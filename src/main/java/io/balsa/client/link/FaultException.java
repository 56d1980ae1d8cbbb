package io.balsa.client.link;

/** How an attempt fails that brought no result. */
final class FaultException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Fault fault;

  FaultException(Fault fault) {
    super(fault.detail(), null, false, false); // Where it was made says nothing.
    this.fault = fault;
  }

  Fault fault() {
    return fault;
  }
}
