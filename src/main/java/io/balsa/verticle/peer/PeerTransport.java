package io.balsa.verticle.peer;

import io.balsa.bus.Addresses;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.raft.message.Message;
import io.balsa.wire.Frame;
import io.balsa.wire.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/** All streams of one member to and from the others. */
public final class PeerTransport {
  private static final int GUESTS_MAX = 16;

  private final Logger log;
  private final Vertx vertx;
  private final PeerOptions options;
  private final Addresses addresses;
  private final Dialer dialer;
  private final SnapshotDisk disk;
  private final PeerServer server;
  private final Map<Long, MessageLink> links = new TreeMap<>();
  private final Map<Long, SnapshotSender> senders = new HashMap<>();
  private final Map<Long, Counters> counters = new ConcurrentHashMap<>();
  private final Map<Long, String> names = new TreeMap<>(); // Of the others.
  // Those that dialled and are not known here yet: the log of this member may end before they were
  // added, and goes on only if they are answered.
  private final Set<Long> guests = new TreeSet<>();
  private Map<String, List<String>> hinted = Map.of();
  private final Counters strangers = new Counters(); // Of members that are not known here yet.

  private boolean flushing; // Soon, after the inputs that are waiting.
  private boolean toldRemoved; // The raft loop, which needs it once.

  /**
   * To be called on the context that everything will run on.
   *
   * @param grants present where members are discovered
   * @param log is told of listening and of streams that come and go
   */
  public PeerTransport(
      Vertx vertx,
      PeerOptions options,
      Addresses addresses,
      Optional<EntryGrants> grants,
      Logger log) {
    this.log = log;
    this.vertx = vertx;
    this.options = options;
    this.addresses = addresses;
    this.dialer = new Dialer(vertx, options.tls(), options.stallMillis());
    this.disk = new SnapshotDisk(vertx, addresses);
    this.server =
        new PeerServer(
            vertx,
            options,
            addresses,
            grants,
            disk,
            messages -> raft(new RaftInput.FromPeer(messages)),
            member -> counters.getOrDefault(member, strangers),
            this::heardOf);
  }

  /** Begins to listen. */
  public Future<?> listen() {
    return server
        .listen()
        .onSuccess(none -> log.info("listening for peers host={} port={}", options.host(), port()));
  }

  /** The port that is listened on; after {@link #listen}. */
  public int port() {
    return server.port();
  }

  /** Ends all streams. */
  public Future<?> close() {
    links.values().forEach(MessageLink::close);
    senders.values().forEach(SnapshotSender::cancel);
    return Future.join(server.close(), dialer.close());
  }

  /** Takes what came to {@link Addresses#peer}. */
  public void handle(PeerInput input) {
    if (input instanceof PeerInput.Send send) {
      send(send.messages());
    } else if (input instanceof PeerInput.Members members) {
      server.members(members);
      guests.removeAll(members.removed());
      members(members.members());
    } else if (input instanceof PeerInput.Hints hints) {
      hinted = hints.peerUrls();
      names.forEach(this::hint);
    }
  }

  /** Takes what came to {@link Addresses#peerSnapshots}. */
  public void handle(SnapshotIo answer) {
    disk.answered(answer);
  }

  /** Counts for each member, by ascending id; any thread. */
  public List<PeerStats> stats() {
    List<PeerStats> stats = new ArrayList<>();
    new TreeMap<>(counters).forEach((member, of) -> stats.add(of.stats(member)));
    return stats;
  }

  private void send(List<Message> messages) {
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      MessageLink link = links.get(message.to());
      if (message instanceof Message.InstallSnapshot install) {
        sendSnapshot(install, link);
      } else if (link != null) {
        link.offer(message);
      } else {
        // Raft may be ahead of the list of members; it will send again.
        log.debug("no address known of peer={}", Long.toHexString(message.to()));
      }
    }
    if (!flushing) {
      flushing = true;
      vertx.runOnContext(none -> flush());
    }
  }

  /**
   * Once for all inputs that are waiting already: a frame and a system call for each costs most.
   */
  private void flush() {
    flushing = false;
    for (MessageLink link : links.values()) {
      link.flush();
    }
  }

  private void sendSnapshot(Message.InstallSnapshot message, MessageLink link) {
    long member = message.to();
    List<String> urls = link == null ? List.of() : link.urls();
    if (urls.isEmpty()) {
      raft(new RaftInput.SnapshotSent(member, false));
      return;
    }
    SnapshotSender older = senders.remove(member);
    if (older != null) {
      older.cancel();
    }
    senders.put(
        member,
        new SnapshotSender(
            vertx,
            options,
            dialer,
            helloTo(member),
            urls,
            disk,
            message,
            delivered -> {
              senders.remove(member);
              raft(new RaftInput.SnapshotSent(member, delivered));
            }));
  }

  private void members(List<MemberInfo> members) {
    Map<Long, List<String>> urls = new TreeMap<>();
    names.clear();
    for (MemberInfo member : members) {
      guests.remove(member.id());
      if (member.id() != options.memberId()) {
        urls.put(member.id(), member.peerUrls());
        names.put(member.id(), member.name());
      }
    }
    for (Iterator<Map.Entry<Long, MessageLink>> it = links.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Long, MessageLink> link = it.next();
      if (!urls.containsKey(link.getKey()) && !guests.contains(link.getKey())) {
        link.getValue().retire();
        SnapshotSender sender = senders.remove(link.getKey());
        if (sender != null) {
          sender.cancel();
        }
        it.remove();
      }
    }
    counters.keySet().retainAll(links.keySet());
    urls.forEach((member, of) -> link(member).urls(of));
    names.forEach(this::hint);
  }

  private void hint(long member, String name) {
    List<String> urls = hinted.get(name);
    if (urls != null) {
      link(member).named(urls);
    }
  }

  private MessageLink link(long member) {
    return links.computeIfAbsent(
        member,
        id ->
            new MessageLink(
                vertx,
                options,
                dialer,
                helloTo(id),
                counters.computeIfAbsent(id, none -> new Counters()),
                () -> raft(new RaftInput.Unreachable(id)),
                () -> raft(new RaftInput.Gone(id)),
                this::removed,
                log));
  }

  private void removed() {
    if (!toldRemoved) {
      toldRemoved = true;
      log.warn(
          "this member was removed from the cluster member={}",
          Long.toHexString(options.memberId()));
      raft(new RaftInput.Removed());
    }
  }

  private void heardOf(Frame.Hello hello) {
    MessageLink link = links.get(hello.from());
    if (link == null && guests.size() < GUESTS_MAX && !hello.peerUrls().isEmpty()) {
      guests.add(hello.from());
      link = link(hello.from());
    }
    if (link != null) {
      if (!hello.peerUrls().isEmpty()) {
        link.said(hello.peerUrls());
      }
      link.wake();
    }
  }

  private Frame.Hello helloTo(long member) {
    return new Frame.Hello(
        Wire.VERSION,
        options.clusterId(),
        options.memberId(),
        options.name(),
        member,
        options.peerUrls());
  }

  private void raft(RaftInput input) {
    Addresses.send(vertx, addresses.raft(), input);
  }
}
