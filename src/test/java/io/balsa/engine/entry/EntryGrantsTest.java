package io.balsa.engine.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.entry.EntryAnswer.Verdict;
import io.balsa.storage.DataDir;
import io.balsa.storage.NoteFile;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EntryGrantsTest {
  private static final long CLUSTER = 0xc;
  private static final long SELF = 1;
  private static final EntryGrants.Callee FOUNDER =
      new EntryGrants.Callee(CLUSTER, SELF, Set.of(1L, 2L, -3L));
  private static final EntryGrants.Callee MEMBER = new EntryGrants.Callee(CLUSTER, SELF, Set.of());

  private final SimulatedFileSystem files = new SimulatedFileSystem(new Random(1));

  @Test
  void theFirstNonceHasTheIdForEver() throws Exception {
    EntryGrants grants = open();

    assertThat(waiting(grants, -3, 7)).isEqualTo(Verdict.GRANTED);
    assertThat(waiting(grants, -3, 8)).isEqualTo(Verdict.REFUSED);
    assertThat(waiting(grants, -3, 7)).isEqualTo(Verdict.GRANTED);
    assertThat(waiting(grants, 2, 8)).isEqualTo(Verdict.GRANTED);

    files.restart(0);
    EntryGrants later = open();
    assertThat(waiting(later, -3, 8)).isEqualTo(Verdict.REFUSED);
    assertThat(waiting(later, -3, 7)).isEqualTo(Verdict.GRANTED);
    assertThat(running(later, 2, 9, info(2))).isEqualTo(Verdict.REFUSED);
    assertThat(running(later, 2, 8, info(2))).isEqualTo(Verdict.GRANTED);
  }

  @Test
  void whatCannotBeKeptIsNotPromised() throws Exception {
    EntryGrants grants = open();
    files.failCall(3);

    assertThatThrownBy(() -> waiting(grants, 2, 7)).isInstanceOf(StorageException.class);

    assertThat(waiting(grants, 2, 8)).isEqualTo(Verdict.GRANTED);
    assertThat(waiting(grants, 2, 7)).isEqualTo(Verdict.REFUSED);
  }

  @Test
  void whoHasBeenRunningDoesNotEnterAgain() throws Exception {
    EntryGrants grants = open();
    MemberInfo published = new MemberInfo(2, "n2", List.of("http://h:1"), List.of("http://h:2"));

    EntryAnswer answer = grants.answer(request(2, 7), MEMBER, members(published));

    assertThat(answer.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(answer.from()).isEqualTo(SELF);
    assertThat(answer.reason())
        .isEqualTo(
            "member name (2) has been running before: bring its data back, or remove it and start"
                + " again");
    assertThat(waiting(grants, 2, 8)).isEqualTo(Verdict.GRANTED); // Nothing was promised.
  }

  @Test
  void aMemberAnswersFromItsLogAlone() throws Exception {
    EntryGrants grants = open();

    assertThat(grants.answer(request(2, 7), MEMBER, null).verdict()).isEqualTo(Verdict.LATER);
    assertThat(running(grants, 2, 7, info(5))).isEqualTo(Verdict.LATER);
    assertThat(
            grants
                .answer(request(2, 7), MEMBER, new PeerInput.Members(List.of(info(5)), Set.of(2L)))
                .verdict())
        .isEqualTo(Verdict.REMOVED);
    assertThat(running(grants, 2, 8, info(2))).isEqualTo(Verdict.GRANTED);
  }

  @Test
  void aFounderThatWaitsGrantsToFoundersOnly() throws Exception {
    assertThat(waiting(open(), 9, 7)).isEqualTo(Verdict.LATER);
  }

  @Test
  void anotherClusterIsRefused() throws Exception {
    EntryAnswer answer = open().answer(new EntryRequest(0xd, 2, "name", 7), FOUNDER, null);

    assertThat(answer.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(answer.reason())
        .isEqualTo(
            "cluster id mismatch: expected c, found d: token and founders must be the same on all");
  }

  @Test
  void whatIsNoNameIsRefused() throws Exception {
    EntryAnswer answer = open().answer(new EntryRequest(CLUSTER, 2, "a\nb", 7), FOUNDER, null);

    assertThat(answer.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(answer.reason()).startsWith("the name of a member must be 1 to 128 characters");
  }

  @Test
  void ofTwoThatWaitUnderOneNameOneGivesWay() throws Exception {
    EntryGrants grants = open();
    long nonce = grants.nonce(new Random(5));

    assertThat(waiting(grants, SELF, nonce)).isEqualTo(Verdict.GRANTED);
    assertThat(waiting(grants, SELF, nonce - 1)).isEqualTo(Verdict.GRANTED);
    assertThat(waiting(grants, SELF, nonce + 1)).isEqualTo(Verdict.REFUSED);
    assertThat(running(grants, SELF, nonce - 1, info(SELF))).isEqualTo(Verdict.REFUSED);
  }

  @Test
  void theNonceIsDrawnOnce() throws Exception {
    long nonce = open().nonce(new Random(5));
    assertThat(waiting(open(), 2, 7)).isEqualTo(Verdict.GRANTED);

    files.restart(0);

    assertThat(open().nonce(new Random(6))).isEqualTo(nonce);
    assertThat(waiting(open(), 2, 8)).isEqualTo(Verdict.REFUSED);
  }

  @Test
  void nothingIsGrantedWhereItIsNotKnownWhatWas() throws Exception {
    waiting(open(), 2, 7);
    files.flip(Path.of("/data/entry"), 0, 1);

    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("damaged file /data/entry");

    note().write(List.of("granted 2"));
    assertThatThrownBy(this::open).hasMessageContaining("not a line of them: granted 2");
  }

  private static Verdict waiting(EntryGrants grants, long id, long nonce) throws StorageException {
    return grants.answer(request(id, nonce), FOUNDER, null).verdict();
  }

  private static Verdict running(EntryGrants grants, long id, long nonce, MemberInfo... members)
      throws StorageException {
    return grants.answer(request(id, nonce), MEMBER, members(members)).verdict();
  }

  private static EntryRequest request(long id, long nonce) {
    return new EntryRequest(CLUSTER, id, "name", nonce);
  }

  private static PeerInput.Members members(MemberInfo... members) {
    return new PeerInput.Members(List.of(members), Set.of());
  }

  /** A member that has yet to run. */
  private static MemberInfo info(long id) {
    return new MemberInfo(id, "n" + id, List.of(), List.of());
  }

  private EntryGrants open() throws StorageException {
    return EntryGrants.open(note());
  }

  private NoteFile note() throws StorageException {
    try (DataDir directory = DataDir.open(files, Path.of("/data"))) {
      return directory.note("entry");
    }
  }
}
