package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.await;
import static io.balsa.verticle.TestPeer.eventually;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.data.Bytes;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftInput;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends from one transport to others over the loopback device, each answered, a bounded number on
 * their way. The processor time is that of the whole process, all ends and this loop included.
 * Arguments: entries of an append, bytes of an entry, followers, appends under way, seconds.
 */
final class PeerBench {
  private PeerBench() {}

  public static void main(String[] args) throws Exception {
    int entriesEach = Integer.parseInt(args[0]);
    int entryBytes = Integer.parseInt(args[1]);
    int followers = Integer.parseInt(args[2]);
    int underWay = Integer.parseInt(args[3]);
    long seconds = Long.parseLong(args[4]);
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    PassThroughCodec.register(vertx);
    PeerVerticle[] verticles = new PeerVerticle[followers + 1];
    Addresses[] addresses = new Addresses[followers + 1];
    Map<Long, MemberInfo> members = new TreeMap<>();
    for (int i = 0; i <= followers; i++) {
      addresses[i] = Addresses.of(i + 1);
      verticles[i] = new PeerVerticle(TestPeer.options(i + 1), addresses[i]);
      await(vertx.deployVerticle(verticles[i]));
      String url = "http://127.0.0.1:" + verticles[i].port();
      members.put(i + 1L, new MemberInfo(i + 1, "n", List.of(url), List.of()));
    }
    Semaphore room = new Semaphore(underWay);
    AtomicLong answered = new AtomicLong();
    vertx
        .eventBus()
        .<RaftInput>localConsumer(
            addresses[0].raft(),
            input -> {
              RaftInput.FromPeer from = (RaftInput.FromPeer) input.body();
              long total = answered.addAndGet(from.messages().size());
              long before = total - from.messages().size();
              room.release((int) (total / followers - before / followers));
            });
    for (int i = 1; i <= followers; i++) {
      Addresses own = addresses[i];
      long id = i + 1;
      vertx
          .eventBus()
          .<RaftInput>localConsumer(
              own.raft(),
              input -> {
                RaftInput.FromPeer from = (RaftInput.FromPeer) input.body();
                List<Message> answers = new ArrayList<>();
                for (int j = 0; j < from.messages().size(); j++) {
                  answers.add(new Message.AppendResponse(id, 1, 7, 5, false, EntryId.ZERO));
                }
                Addresses.send(vertx, own.peer(), new PeerInput.Send(answers));
              });
    }
    for (Addresses each : addresses) {
      Addresses.send(
          vertx, each.peer(), new PeerInput.Members(List.copyOf(members.values()), Set.of()));
    }
    for (PeerVerticle verticle : verticles) {
      eventually(
          "connected",
          () ->
              verticle.stats().size() == followers
                  && verticle.stats().stream().allMatch(stats -> stats.connected()));
    }
    List<Entry> entries = new ArrayList<>();
    Bytes data = Bytes.wrap(new byte[entryBytes]);
    for (int i = 1; i <= entriesEach; i++) {
      entries.add(new Entry(7, 1_000_000 + i, EntryType.NORMAL, data));
    }
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    System.out.println("appends/s  entries/s  cpu us/entry  cpu us/append  allocated bytes/entry");
    for (int round = 0; round < seconds; round++) {
      long start = System.nanoTime();
      long cpu = process.getProcessCpuTime();
      long allocated = allocated(threads);
      long sent = 0;
      while (System.nanoTime() - start < 1_000_000_000L) {
        room.acquire();
        List<Message> turn = new ArrayList<>();
        for (int i = 1; i <= followers; i++) {
          turn.add(new Message.AppendRequest(1, i + 1, 7, new EntryId(7, 1_000_000), entries, 5));
        }
        Addresses.send(vertx, addresses[0].peer(), new PeerInput.Send(turn));
        sent += followers;
      }
      double elapsed = (System.nanoTime() - start) / 1e9;
      double cpuMicros = (process.getProcessCpuTime() - cpu) / 1e3;
      System.out.println(
          String.format(
              Locale.ROOT,
              "%9.0f  %9.0f  %12.3f  %13.2f  %21.0f",
              sent / elapsed,
              sent * entriesEach / elapsed,
              cpuMicros / sent / entriesEach,
              cpuMicros / sent,
              (double) (allocated(threads) - allocated) / sent / entriesEach));
    }
    room.acquire(underWay);
    await(vertx.close());
  }

  private static long allocated(ThreadMXBean threads) {
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
