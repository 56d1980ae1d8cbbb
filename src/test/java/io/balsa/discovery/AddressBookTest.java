package io.balsa.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.storage.DataDir;
import io.balsa.storage.NoteFile;
import io.balsa.storage.file.SimulatedFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressBookTest {
  private final SimulatedFileSystem files = new SimulatedFileSystem(new Random(1));

  @Test
  void keepsWhoIsNoLongerSeen() throws Exception {
    AddressBook book = AddressBook.open(note());

    assertThat(book.learn(List.of(at("n1", "http://h:1"), at("n2", "http://h:2")))).isTrue();
    assertThat(book.learn(List.of(at("n2", "http://h:2")))).isFalse();
    assertThat(book.learn(List.of())).isFalse();
    assertThat(book.learn(List.of(at("n2", "http://h:3")))).isTrue();

    assertThat(book.peerUrls())
        .isEqualTo(Map.of("n1", List.of("http://h:1"), "n2", List.of("http://h:3")));
    assertThat(book.learn(List.of(at("n1", "http://h:4"), at("n2", "http://h:3")))).isTrue();
  }

  @Test
  void keepsAllAddressesUnderOneName() throws Exception {
    AddressBook book = AddressBook.open(note());

    book.learn(List.of(at("n1", "http://h:2", "http://h:1"), at("n1", "http://h:3")));
    boolean otherOrder =
        book.learn(List.of(at("n1", "http://h:3"), at("n1", "http://h:1", "http://h:2")));

    assertThat(otherOrder).isFalse();
    assertThat(book.peerUrls())
        .isEqualTo(Map.of("n1", List.of("http://h:1", "http://h:2", "http://h:3")));
  }

  @Test
  void isTheSameAfterARestart() throws Exception {
    AddressBook book = AddressBook.open(note());
    book.learn(List.of(at("n1", "http://h:1", "http://h:2"), at("n2", "http://h:3")));
    book.save(book.lines());

    assertThat(AddressBook.open(note()).peerUrls()).isEqualTo(book.peerUrls());
  }

  @Test
  void aDamagedFileIsAnEmptyOne() throws Exception {
    AddressBook book = AddressBook.open(note());
    book.learn(List.of(at("n1", "http://h:1")));
    book.save(book.lines());
    files.flip(Path.of("/data/addresses"), 0, 1);

    AddressBook damaged = AddressBook.open(note());

    assertThat(damaged.peerUrls()).isEmpty();
    damaged.learn(List.of(at("n2", "http://h:2")));
    damaged.save(damaged.lines());
    assertThat(AddressBook.open(note()).peerUrls()).containsOnlyKeys("n2");
  }

  @Test
  void holdsSoManyNamesAndNoMoreThoseInSightFirst() throws Exception {
    AddressBook book = AddressBook.open(note());
    List<Sighting> first = new ArrayList<>();
    for (int i = 0; i < AddressBook.NAMES_MAX; i++) {
      first.add(at("a" + i, "http://h:1"));
    }
    book.learn(first);
    book.learn(List.of(at("b", "http://h:1"), at("a0", "http://h:1")));
    assertThat(book.peerUrls()).hasSize(AddressBook.NAMES_MAX).containsKeys("b", "a0");

    first.add(at("c", "http://h:1"));
    book.learn(first);
    assertThat(book.peerUrls()).hasSize(AddressBook.NAMES_MAX).doesNotContainKey("b");
  }

  private static Sighting at(String name, String... peerUrls) {
    return new Sighting(name, List.of(peerUrls), List.of());
  }

  private NoteFile note() throws Exception {
    try (DataDir directory = DataDir.open(files, Path.of("/data"))) {
      return directory.note("addresses");
    }
  }
}
