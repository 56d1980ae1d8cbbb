package io.balsa.discovery;

import io.balsa.storage.NoteFile;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last known addresses of members, by name, in memory and in a file. Who is no longer seen
 * keeps its last ones: that discovery lost sight of a member does not move it.
 *
 * <p>One thread at a time, but for {@link #save}.
 */
public final class AddressBook {
  private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);

  /** The most names that are kept; those in sight are kept first. */
  static final int NAMES_MAX = 256;

  private final NoteFile note;
  private final TreeMap<String, List<String>> peerUrls = new TreeMap<>();

  private AddressBook(NoteFile note) {
    this.note = note;
  }

  /**
   * Reads the file. One that is missing or damaged is an empty one: it holds hints only. Waits for
   * the disk.
   */
  public static AddressBook open(NoteFile note) {
    AddressBook book = new AddressBook(note);
    try {
      for (String line : note.read().orElse(List.of())) {
        List<String> words = List.of(line.split(" "));
        if (words.size() > 1) {
          book.peerUrls.put(words.get(0), words.subList(1, words.size()));
        }
      }
    } catch (StorageException e) {
      LOG.warn("the last known addresses are lost reason=\"{}\"", e.getMessage());
    }
    return book;
  }

  /** Takes what is seen now; whether that changed anything. */
  public boolean learn(List<Sighting> sightings) {
    TreeMap<String, Set<String>> seen = new TreeMap<>();
    for (Sighting sighting : sightings) {
      seen.computeIfAbsent(sighting.name(), none -> new LinkedHashSet<>())
          .addAll(sighting.peerUrls());
    }
    boolean changed = false;
    for (Map.Entry<String, Set<String>> each : seen.entrySet()) {
      List<String> urls = each.getValue().stream().sorted().toList();
      boolean isRoom = peerUrls.containsKey(each.getKey()) || makeRoom(seen.keySet());
      changed |= isRoom && !urls.equals(peerUrls.put(each.getKey(), urls));
    }
    return changed;
  }

  private boolean makeRoom(Set<String> seen) {
    if (peerUrls.size() >= NAMES_MAX) {
      peerUrls.keySet().stream()
          .filter(name -> !seen.contains(name))
          .findFirst()
          .ifPresent(peerUrls::remove);
    }
    return peerUrls.size() < NAMES_MAX;
  }

  /** All of them, by name. */
  public Map<String, List<String>> peerUrls() {
    return Map.copyOf(peerUrls);
  }

  /** What {@link #save} would write now. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    peerUrls.forEach((name, urls) -> lines.add(name + " " + String.join(" ", urls)));
    return lines;
  }

  /** Makes {@link #lines} durable. Waits for the disk, on any thread, one call at a time. */
  public void save(List<String> lines) throws StorageException {
    note.write(lines);
  }
}
