package io.balsa.api.http;

import io.balsa.bus.Addresses;
import io.balsa.engine.ReplicaInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.lease.Lease;
import io.balsa.mvcc.watch.Delivery;
import io.balsa.mvcc.watch.Watches;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A replica of one, over the real store and the real watches: what it is asked it applies at once.
 * A test can make it refuse, or keep silent.
 */
public final class StandInReplica extends VerticleBase {
  private static final Reply.Member SELF =
      new Reply.Member(
          0xa1, "n1", List.of("http://127.0.0.1:2380"), List.of("http://127.0.0.1:2379"), false);

  final List<Request> requests = new CopyOnWriteArrayList<>();

  /** What a request is answered with; null for what it does itself. */
  public volatile Function<Request, Reply> override = request -> null;

  volatile boolean silent;
  volatile List<String> notReady = List.of();

  private final Addresses addresses;
  private final Store store = new Store();
  private final Watches watches = new Watches(store);
  private final Map<String, Answers> out = new LinkedHashMap<>();
  private final List<Reply.Member> members = new ArrayList<>(List.of(SELF));
  private final Map<Long, Owner> opened = new LinkedHashMap<>();
  private final List<Map.Entry<Owner, Long>> asked = new ArrayList<>(); // How far they are.
  private long nextLease = 0x7000;
  volatile long quotaBytes = 2L << 30;

  private record Owner(String address) {}

  StandInReplica(Addresses addresses) {
    this.addresses = addresses;
  }

  @Override
  public Future<?> start() {
    return vertx
        .eventBus()
        .<ReplicaInput>localConsumer(addresses.replica(), message -> take(message.body()))
        .completion();
  }

  /** The revision from which the only watch waits for credit, 0 if it does not. */
  public Future<Long> stalledAt() {
    return onLoop(() -> watches.stalled().isEmpty() ? 0 : watches.stalled().get(0).since());
  }

  /** How many watches wait for credit. */
  public Future<Integer> stalledWatches() {
    return onLoop(() -> watches.stalled().size());
  }

  /** How many revisions they have been given, all together, from the first on. */
  public Future<Long> deliveredToStalled(long first) {
    return onLoop(
        () -> watches.stalled().stream().mapToLong(stalled -> stalled.since() - first).sum());
  }

  /** Cuts off every watch that waits for credit. */
  public Future<Integer> cutOffStalled() {
    return onLoop(
        () -> {
          List<Watches.Stalled> stalled = watches.stalled();
          for (Watches.Stalled watch : stalled) {
            watches.close(watch.owner(), watch.watch());
            event((Owner) watch.owner(), new WatchEvent.Slow(watch.watch(), watch.since()));
          }
          flush();
          return stalled.size();
        });
  }

  /** How many watches are open. */
  public Future<Integer> openWatches() {
    return onLoop(watches::size);
  }

  Future<Long> stateHash() {
    return onLoop(store::stateHash);
  }

  /** Ends every watch as a member does that stops. */
  public Future<Void> endWatches() {
    return onLoop(
        () -> {
          opened.forEach((watch, owner) -> event(owner, new WatchEvent.Ended(watch, "stopping")));
          opened.clear();
          flush();
          return null;
        });
  }

  private <T> Future<T> onLoop(Callable<T> work) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        none -> {
          try {
            promise.complete(work.call());
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  private void take(ReplicaInput input) {
    if (input instanceof ReplicaInput.Calls calls) {
      Owner owner = new Owner(calls.answerTo());
      for (Call call : calls.calls()) {
        requests.add(call.request());
        Reply reply = silent ? null : answer(owner, call.request());
        if (reply != null) {
          answer(owner, new Answers.Answer(call.number(), reply));
        }
      }
    } else if (input instanceof ReplicaInput.ClientGone gone) {
      watches.closeAll(new Owner(gone.answerTo()));
    }
    deliver();
    tellAsked();
    flush();
  }

  private Reply answer(Owner owner, Request request) {
    Reply forced = override.apply(request);
    if (forced != null) {
      return forced;
    }
    if (request instanceof Request.Write write) {
      Result result =
          store.apply(
              write.once() == null
                  ? new Command.Write(write.op())
                  : new Command.WriteOnce(write.once(), write.op()));
      return result instanceof Result.Written written
          ? new Reply.Written(written.revision(), written.result())
          : refused(result);
    }
    if (request instanceof Request.Read read) {
      Result result = store.read(read.op());
      return result instanceof Result.Written ranged
          ? new Reply.Read(ranged.revision(), ranged.result())
          : refused(result);
    }
    if (request instanceof Request.Compact compact) {
      Result result = store.apply(new Command.Compact(compact.revision()));
      return result instanceof Result.Compacted compacted
          ? new Reply.Compacted(store.revision(), compacted.compactRevision())
          : refused(result);
    }
    if (request instanceof Request.WatchOpen open) {
      opened.put(open.watch(), owner);
      watches.open(
          owner,
          open.watch(),
          open.keys(),
          open.startRevision(),
          open.previous(),
          open.creditBytes());
      event(
          owner,
          new WatchEvent.Progress(
              open.watch(), store.revision(), watches.isSynced(owner, open.watch())));
      return null;
    }
    if (request instanceof Request.WatchCredit credit) {
      watches.credit(owner, credit.watch(), credit.bytes());
      return null;
    }
    if (request instanceof Request.WatchProgress progress) {
      asked.add(Map.entry(owner, progress.watch()));
      return null;
    }
    if (request instanceof Request.WatchClose close) {
      watches.close(owner, close.watch());
      return null;
    }
    return request instanceof Request.Status ? status() : leasesOrMembers(request);
  }

  private Reply leasesOrMembers(Request request) {
    if (request instanceof Request.LeaseGrant grant) {
      return lease(store.apply(new Command.LeaseGrant(nextLease++, grant.ttlSeconds())));
    }
    if (request instanceof Request.LeaseKeepAlive keepAlive) {
      return lease(store.apply(new Command.LeaseKeepAlive(keepAlive.id())));
    }
    if (request instanceof Request.LeaseRevoke revoke) {
      Result result = store.apply(new Command.LeaseRevoke(revoke.id()));
      return result instanceof Result.LeaseEnded ended
          ? new Reply.LeaseEnded(ended.id(), store.revision())
          : refused(result);
    }
    if (request instanceof Request.LeaseGet get) {
      return store
          .lease(get.id())
          .<Reply>map(lease -> new Reply.Lease(state(lease), store.leaseKeys(get.id())))
          .orElse(new Reply.Refused(Refusal.LEASE_NOT_FOUND, false, "no such lease"));
    }
    if (request instanceof Request.LeaseList) {
      return new Reply.Leases(store.leases().stream().map(StandInReplica::state).toList());
    }
    if (request instanceof Request.MemberAdd add) {
      Reply.Member member =
          new Reply.Member(
              0xa0 + members.size() + 1, add.name(), add.peerUrls(), List.of(), add.learner());
      members.add(member);
      return new Reply.Members(0xc1, SELF.id(), member.id(), members);
    }
    return new Reply.Members(0xc1, SELF.id(), 0, members);
  }

  private Reply lease(Result result) {
    return result instanceof Result.Lease lease
        ? new Reply.Lease(
            new Reply.LeaseState(lease.id(), lease.ttlSeconds(), lease.ttlSeconds()),
            store.leaseKeys(lease.id()))
        : refused(result);
  }

  private Reply status() {
    return new Reply.Status(
        new Reply.MemberStatus(
            0xc1,
            SELF,
            SELF,
            3,
            41,
            40,
            store.revision(),
            store.compactRevision(),
            store.stateHash(),
            List.of(new Reply.Progress(0xa2, "replicate", 40, 41, true, false)),
            new Reply.Wal(7, 40, 9_000, 120, 950, 4_000, 5_000, List.of(5L, 6L, 7L)),
            new Reply.StoreSize(
                store.keys(), store.revisions(), store.liveBytes(), store.liveBytes(), quotaBytes),
            new Reply.Counters(2, 1, 30, 4, 50, watches.size(), 6, store.leaseCount(), 7, 8, 9),
            List.of(),
            notReady));
  }

  private static Reply.LeaseState state(Lease lease) {
    return new Reply.LeaseState(lease.id(), lease.ttlSeconds(), lease.ttlSeconds());
  }

  private static Reply refused(Result result) {
    Result.Failed failed = (Result.Failed) result;
    return new Reply.Refused(Refusal.valueOf(failed.fault().name()), false, failed.detail());
  }

  private void deliver() {
    while (watches.hasWork()) {
      for (Delivery delivery : watches.poll(1 << 20)) {
        if (delivery instanceof Delivery.Changed changed) {
          event(
              (Owner) delivery.owner(),
              new WatchEvent.Changed(
                  delivery.watch(), changed.revision(), changed.changes(), changed.bytes()));
        } else {
          event(
              (Owner) delivery.owner(),
              new WatchEvent.Compacted(
                  delivery.watch(), ((Delivery.Compacted) delivery).compactRevision()));
        }
      }
    }
  }

  private Answers.Header header() {
    return new Answers.Header(0xba15a, 1, store.revision(), 1);
  }

  private void tellAsked() {
    for (Map.Entry<Owner, Long> watch : List.copyOf(asked)) {
      if (watches.isSynced(watch.getKey(), watch.getValue())) {
        asked.remove(watch);
        event(watch.getKey(), new WatchEvent.Progress(watch.getValue(), store.revision(), true));
      }
    }
  }

  /** Tells all watches how far they are. */
  public Future<Void> tellProgress() {
    return onLoop(
        () -> {
          opened.forEach(
              (watch, owner) ->
                  event(
                      owner,
                      new WatchEvent.Progress(
                          watch, store.revision(), watches.isSynced(owner, watch))));
          flush();
          return null;
        });
  }

  private void answer(Owner owner, Answers.Answer answer) {
    Answers before = out.getOrDefault(owner.address(), new Answers(header(), List.of(), List.of()));
    List<Answers.Answer> answers = new ArrayList<>(before.answers());
    answers.add(answer);
    out.put(owner.address(), new Answers(header(), answers, before.events()));
  }

  private void event(Owner owner, WatchEvent event) {
    Answers before = out.getOrDefault(owner.address(), new Answers(header(), List.of(), List.of()));
    List<WatchEvent> events = new ArrayList<>(before.events());
    events.add(event);
    out.put(owner.address(), new Answers(header(), before.answers(), events));
  }

  private void flush() {
    out.forEach((address, answers) -> Addresses.send(vertx, address, answers));
    out.clear();
  }

  /** What a put answers. */
  static OpResult put(long revision) {
    return new OpResult.Put(revision, 1, null);
  }
}
