package io.balsa.raft.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final EntryId PLACE = new EntryId(3, 7);
  private static final Entry ENTRY = new Entry(3, 7, EntryType.NORMAL, Bytes.EMPTY);
  private static final HardState STATE = new HardState(4, 1, 6);

  /** One of each type. */
  private static final List<Message> ALL =
      List.of(
          new Message.Propose(1, 2, 0, List.of(ENTRY)),
          new Message.ProposeRefused(1, 2, 4, List.of(9L), "NO_LEADER", "why"),
          new Message.AppendRequest(1, 2, 4, PLACE, List.of(ENTRY), 6),
          new Message.AppendResponse(1, 2, 4, 7, false, EntryId.ZERO),
          new Message.VoteRequest(1, 2, 4, PLACE, false, false),
          new Message.VoteResponse(1, 2, 4, false, false),
          new Message.InstallSnapshot(1, 2, 4, Snapshot.EMPTY),
          new Message.Heartbeat(1, 2, 4, 6, 0),
          new Message.HeartbeatResponse(1, 2, 4, 0),
          new Message.TimeoutNow(1, 2, 4),
          new Message.TransferLeader(1, 2, 4),
          new Message.ReadIndexRequest(1, 2, 0, 5),
          new Message.ReadIndexResponse(1, 2, 4, 6, 5),
          new Message.StorageAppend(
              1, Message.APPEND_THREAD, STATE, List.of(ENTRY), Snapshot.EMPTY, true, List.of()),
          new Message.StorageAppendResponse(Message.APPEND_THREAD, 1, 4, PLACE, Snapshot.EMPTY),
          new Message.StorageApply(1, Message.APPLY_THREAD, List.of(ENTRY), List.of()),
          new Message.StorageApplyResponse(Message.APPLY_THREAD, 1, List.of(ENTRY)));

  @Test
  void everyMessageReachesTheMethodOfItsNameOnce() {
    assertThat(ALL)
        .extracting(message -> (Object) message.getClass())
        .containsExactlyInAnyOrder((Object[]) Message.class.getPermittedSubclasses());
    for (Message message : ALL) {
      List<String> calls = new ArrayList<>();
      Message.Handler handler =
          (Message.Handler)
              Proxy.newProxyInstance(
                  Message.class.getClassLoader(),
                  new Class<?>[] {Message.Handler.class},
                  (proxy, method, arguments) -> {
                    assertThat(arguments).containsExactly(message);
                    calls.add(method.getName());
                    return null;
                  });

      message.deliverTo(handler);

      assertThat(calls).containsExactly("on" + message.getClass().getSimpleName());
    }
  }

  @Test
  void storageWorkCarriesTheTermOnlyWhereItIsStored() {
    assertThat(storage(Message.StorageAppend.class).term()).isEqualTo(4);
    assertThat(storage(Message.StorageApply.class).term()).isZero();
    assertThat(storage(Message.StorageApplyResponse.class).term()).isZero();
  }

  @Test
  void messageDoesNotChangeWithTheListItWasMadeOf() {
    List<Entry> entries = new ArrayList<>(List.of(ENTRY));
    List<Message> responses = new ArrayList<>();
    Message.StorageAppend append =
        new Message.StorageAppend(
            1, Message.APPEND_THREAD, STATE, entries, Snapshot.EMPTY, true, responses);
    Message.AppendRequest request = new Message.AppendRequest(1, 2, 4, PLACE, entries, 6);

    entries.clear();
    responses.add(request);

    assertThat(append.entries()).containsExactly(ENTRY);
    assertThat(append.responses()).isEmpty();
    assertThat(request.entries()).containsExactly(ENTRY);
  }

  private static Message storage(Class<? extends Message> type) {
    return ALL.stream().filter(type::isInstance).findFirst().orElseThrow();
  }
}
