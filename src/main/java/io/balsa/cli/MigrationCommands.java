package io.balsa.cli;

import com.google.protobuf.ByteString;
import io.balsa.config.BadSettingException;
import io.balsa.config.Settings;
import io.balsa.data.Endpoint;
import io.balsa.migration.EtcdStore;
import io.balsa.migration.Follower;
import io.balsa.migration.MigrationException;
import io.balsa.migration.Reconciliation;
import io.balsa.migration.Reconciliation.Extra;
import io.balsa.migration.Reconciliation.Summary;
import io.balsa.migration.StoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Moves a live etcd into Balsa, and proves that both hold the same. */
final class MigrationCommands {
  private MigrationCommands() {}

  /** The two stores. */
  static final class Stores {
    @Option(
        names = "--from",
        required = true,
        paramLabel = "URLS",
        description = "Where the store is that has the keys.")
    private String from;

    @Option(
        names = "--to",
        paramLabel = "URLS",
        description = "Where the other store is (http://127.0.0.1:2379).")
    private String to = "http://127.0.0.1:2379";

    @Option(names = "--from-user", paramLabel = "NAME[:PASSWORD]", description = "Who reads.")
    private String fromUser = "";

    @Option(
        names = "--to-user",
        paramLabel = "NAME[:PASSWORD]",
        description = "Who writes. A password that is not given is asked for.")
    private String toUser = "";

    @Option(
        names = "--from-cacert",
        paramLabel = "FILE",
        description = "Certificates that https URLs of --from are checked against.")
    private String fromCa;

    @Option(
        names = "--to-cacert",
        paramLabel = "FILE",
        description = "Certificates that https URLs of --to are checked against.")
    private String toCa;

    @Option(names = "--prefix", paramLabel = "KEY", description = "Only keys that begin so (all).")
    private String prefix = "";

    EtcdStore from(Vertx vertx) throws BadSettingException {
      return new EtcdStore(vertx, options("from", "--from", from, fromUser, fromCa));
    }

    EtcdStore to(Vertx vertx) throws BadSettingException {
      return new EtcdStore(vertx, options("to", "--to", to, toUser, toCa));
    }

    ByteString prefix() {
      return ByteString.copyFromUtf8(prefix);
    }

    private static StoreOptions options(
        String name, String flag, String urls, String user, String ca) throws BadSettingException {
      List<String> endpoints =
          Settings.endpoints(flag, urls).stream().map(Endpoint::toString).toList();
      User asker = User.of(flag + "-user", user, User::atTerminal);
      return new StoreOptions(
          name,
          endpoints,
          asker.name(),
          asker.password(),
          ca == null ? null : new PemTrustOptions().addCertPath(ca));
    }
  }

  private interface Work {
    int run(EtcdStore from, EtcdStore to) throws MigrationException;
  }

  private static int with(Stores stores, Work work) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (EtcdStore from = stores.from(vertx);
        EtcdStore to = stores.to(vertx)) {
      return work.run(from, to);
    } catch (MigrationException e) {
      throw new CommandException(e.getMessage());
    } finally {
      vertx.close();
    }
  }

  /** {@code balsa import}. */
  @Command(
      name = "import",
      description = {
        "Bring the keys of a live etcd over, with their leases under the same ids.",
        "A run that ended early goes on where the next one finds a difference."
      },
      sortOptions = false)
  static final class Import implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Stores stores;

    @Option(
        names = "--follow",
        description = "Go on with what changes until interrupted, and keep leases alive.")
    private boolean follow;

    @Option(
        names = "--delete-extra",
        description = "Delete keys that only --to has, instead of counting them.")
    private boolean deleteExtra;

    @Override
    public Integer call() throws Exception {
      PrintWriter out = spec.commandLine().getOut();
      Extra onExtra = deleteExtra ? Extra.DELETE : Extra.KEEP;
      return with(
          stores,
          (from, to) -> {
            if (follow) {
              follow(from, to, onExtra, out);
              return BalsaCommand.OK;
            }
            Summary found =
                new Reconciliation(from, to, stores.prefix(), line -> say(out, line)).run(onExtra);
            say(
                out,
                "%d keys, %d bytes as of revision %d; %d were missing, %d different, %d extra%s"
                    .formatted(
                        found.keys(),
                        found.bytes(),
                        found.revision(),
                        found.missing(),
                        found.different(),
                        found.extra(),
                        found.extra() > 0 && !deleteExtra ? " and kept (--delete-extra)" : ""));
            return found.extra() > 0 && !deleteExtra ? BalsaCommand.FAILED : BalsaCommand.OK;
          });
    }

    private void follow(EtcdStore from, EtcdStore to, Extra onExtra, PrintWriter out)
        throws MigrationException {
      AtomicBoolean stop = new AtomicBoolean();
      Thread main = Thread.currentThread();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    stop.set(true);
                    try {
                      main.join(5_000); // It finishes what it is at.
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
      long last =
          Follower.run(from, to, stores.prefix(), onExtra, line -> say(out, line), stop::get);
      say(out, "stopped at revision " + last);
    }
  }

  /** {@code balsa compare}. */
  @Command(
      name = "compare",
      description = "Tell whether two stores hold the same keys, values and leases.",
      sortOptions = false)
  static final class Compare implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Stores stores;

    @Option(
        names = "--from-revision",
        paramLabel = "N",
        description = "The revision of --from to read (the present one).")
    private long fromRevision;

    @Option(
        names = "--to-revision",
        paramLabel = "N",
        description = "The revision of --to to read (the present one).")
    private long toRevision;

    @Override
    public Integer call() throws Exception {
      PrintWriter out = spec.commandLine().getOut();
      return with(
          stores,
          (from, to) -> {
            Summary found =
                new Reconciliation(from, to, stores.prefix(), line -> say(out, line))
                    .compare(fromRevision, toRevision);
            say(
                out,
                "%s: %d keys, %d bytes, revision %d and %d, sha256 %s and %s"
                    .formatted(
                        found.isEqual() ? "equal" : "different",
                        found.keys(),
                        found.bytes(),
                        found.revision(),
                        found.otherRevision(),
                        found.sha256(),
                        found.otherSha256()));
            return found.isEqual() ? BalsaCommand.OK : BalsaCommand.FAILED;
          });
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
