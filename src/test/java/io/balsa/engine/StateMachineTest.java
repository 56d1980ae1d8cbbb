package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.engine.request.Refusal;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.auth.AuthQuery;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Op;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateMachineTest {
  private static final MemberInfo FOUNDER =
      new MemberInfo(1, "n1", List.of("http://127.0.0.1:2380"), List.of());

  private final StateMachine machine =
      StateMachine.genesis(
          new Snapshot(new EntryId(1, 1), ConfState.ofVoters(List.of(1L))), List.of(FOUNDER));
  private long index = 1;

  @Test
  void appliesAProposalOnceHoweverOftenItArrives() {
    assertThat(put(7)).isInstanceOf(StateMachine.Outcome.Applied.class);
    assertThat(put(7)).isEqualTo(new StateMachine.Outcome.Nothing(1, 7));
    assertThat(put(6)).isEqualTo(new StateMachine.Outcome.Nothing(1, 6));

    assertThat(machine.store().revision()).isEqualTo(2);
    assertThat(machine.applied()).isEqualTo(new EntryId(1, 4));
  }

  @Test
  void refusesAMemberWhoseNameIsTakenAndCancelsTheChange() {
    MemberInfo twin = new MemberInfo(2, "n1", List.of("http://127.0.0.1:2381"), List.of());

    StateMachine.Outcome outcome = change(OperationType.ADD_LEARNER, twin, 1);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            StateMachine.Outcome.ChangeRefused.class,
            refused -> {
              assertThat(refused.fault().refusal()).isEqualTo(Refusal.MEMBER_EXISTS);
              assertThat(refused.cancelled().operations())
                  .containsExactly(new Operation(OperationType.ADD_LEARNER, 0));
            });
    assertThat(machine.membership().confState()).isEqualTo(ConfState.ofVoters(List.of(1L)));
  }

  @Test
  void aRemovedIdNeverComesBack() {
    MemberInfo second = new MemberInfo(2, "n2", List.of("http://127.0.0.1:2381"), List.of());

    change(OperationType.ADD_LEARNER, second, 1);
    change(OperationType.REMOVE, second, 2);

    assertThat(change(OperationType.ADD_LEARNER, second, 3))
        .isInstanceOf(StateMachine.Outcome.ChangeRefused.class);
  }

  @Test
  void theLastVoterCannotBeRemoved() {
    assertThat(change(OperationType.REMOVE, FOUNDER, 1))
        .isInstanceOf(StateMachine.Outcome.ChangeRefused.class);
  }

  @Test
  void aSnapshotCutAnywhereGivesTheSameState() throws MalformedException {
    put(7);
    change(
        OperationType.ADD_LEARNER,
        new MemberInfo(2, "n2", List.of("http://127.0.0.1:2381"), List.of()),
        8);
    StateMachine.Loader loader = new StateMachine.Loader(machine.snapshotName());
    StateMachine.Content content = machine.content();
    while (!content.isAtEnd()) {
      Bytes frame = content.nextPart(1);
      for (int i = 0; i < frame.length(); i++) {
        loader.accept(frame.slice(i, 1));
      }
    }

    StateMachine loaded = loader.finish();

    assertThat(loaded.store().stateHash()).isEqualTo(machine.store().stateHash());
    assertThat(loaded.membership().members()).isEqualTo(machine.membership().members());
    assertThat(loaded.membership().confState()).isEqualTo(machine.membership().confState());
    assertThat(loaded.lastNumber(1)).isEqualTo(8);
    assertThat(loaded.applied()).isEqualTo(machine.applied());
  }

  private StateMachine.Outcome put(long number) {
    Command command = new Command.Write(Op.Put.of(Bytes.utf8("k"), Bytes.utf8("v"), 0));
    Bytes payload = Envelope.encode(new Envelope.KeyValueCommand(command));
    return machine.apply(
        new Entry(1, ++index, EntryType.NORMAL, Envelope.seal(1, number, payload)));
  }

  private StateMachine.Outcome change(OperationType type, MemberInfo about, long number) {
    Bytes context = Envelope.seal(1, number, Envelope.encode(new Envelope.Change(about, false)));
    ConfChange change =
        new ConfChange(Transition.AUTO, List.of(new Operation(type, about.id())), context);
    return machine.apply(new Entry(1, ++index, EntryType.CONF_CHANGE_V2, change.encode()));
  }

  @Test
  void aSnapshotHoldsUsersAndOneWithoutAnyIsAsBefore() throws Exception {
    put(1);
    assertThat(frames(machine).at(4)).as("format version").isEqualTo(1);
    assertThat(restored(machine).auth().revision()).isEqualTo(1);

    Envelope.Payload change =
        new Envelope.AuthChange(new AuthCommand.UserAdd("u", "hash", false), Credentials.TRUSTED);
    machine.apply(
        new Entry(1, ++index, EntryType.NORMAL, Envelope.seal(1, 2, Envelope.encode(change))));
    assertThat(frames(machine).at(4)).as("format version").isEqualTo(2);
    StateMachine copy = restored(machine);
    assertThat(copy.auth().answer(new AuthQuery.Users(), Credentials.TRUSTED))
        .isEqualTo(new AuthAnswer.Names(List.of("u")));
    assertThat(copy.stateHash()).isEqualTo(machine.stateHash()).isNotEqualTo(0);
  }

  private static Bytes frames(StateMachine machine) {
    return machine.content().nextPart(1 << 20);
  }

  private static StateMachine restored(StateMachine machine) throws Exception {
    StateMachine.Loader loader = new StateMachine.Loader(machine.snapshotName());
    loader.accept(frames(machine));
    return loader.finish();
  }
}
