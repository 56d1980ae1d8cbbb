package io.balsa.parity;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A step of a {@link Script}, done on each side. */
interface Step {
  /** Does it on one side; the answer comes when it is done. */
  CompletableFuture<Output> on(Etcdctl side);

  /** A step whose answer is nothing; done when this returns. */
  interface Silent extends Step {
    void perform(Etcdctl side);

    @Override
    default CompletableFuture<Output> on(Etcdctl side) {
      perform(side);
      return CompletableFuture.completedFuture(Output.NONE);
    }
  }

  /** A command, as words, and what it reads. */
  record Run(List<String> command, String input) implements Step {
    Run reading(String line) {
      return new Run(command, input + line + "\n");
    }

    @Override
    public CompletableFuture<Output> on(Etcdctl side) {
      return side.run(command, input);
    }
  }

  /** A command that is run until it succeeds and prints a text. */
  record Until(String text, List<String> command) implements Step {
    @Override
    public CompletableFuture<Output> on(Etcdctl side) {
      return side.runUntil(text, command);
    }
  }

  /** A command that goes on while the next steps are done. */
  record Start(String name, List<String> command) implements Silent {
    @Override
    public void perform(Etcdctl side) {
      side.start(name, command);
    }
  }

  record Expect(String name, String text) implements Silent {
    @Override
    public void perform(Etcdctl side) {
      side.expect(name, text);
    }
  }

  record Tell(String name, String line) implements Silent {
    @Override
    public void perform(Etcdctl side) {
      side.tell(name, line);
    }
  }

  record Watches(int count) implements Silent {
    @Override
    public void perform(Etcdctl side) {
      side.awaitWatches(count);
    }
  }

  record Second() implements Silent {
    @Override
    public void perform(Etcdctl side) {
      side.startSecondMember();
    }
  }

  record Await(String name) implements Step {
    @Override
    public CompletableFuture<Output> on(Etcdctl side) {
      return side.await(name);
    }
  }

  record End(String name) implements Step {
    @Override
    public CompletableFuture<Output> on(Etcdctl side) {
      return side.end(name);
    }
  }
}
