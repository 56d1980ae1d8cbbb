package io.balsa.engine.entry;

import io.balsa.data.Names;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.entry.EntryAnswer.Verdict;
import io.balsa.storage.NoteFile;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The promises of one process to those who want to enter, and its own nonce: both in a file, for
 * they must outlive it. Any thread; waits for the disk.
 */
public final class EntryGrants {
  private static final String NONCE = "nonce";
  private static final String GRANTED = "granted";

  private final NoteFile note;
  // By member, in the order of ids.
  private final TreeMap<Long, Long> granted = new TreeMap<>(Long::compareUnsigned);
  private Optional<Long> nonce = Optional.empty();

  private EntryGrants(NoteFile note) {
    this.note = note;
  }

  /** Who is asked. */
  public record Callee(long clusterId, long memberId, Set<Long> founders) {
    public Callee {
      founders = Set.copyOf(founders);
    }
  }

  /**
   * Reads what was promised before.
   *
   * @throws StorageException if that cannot be known: then nothing may be granted
   */
  public static EntryGrants open(NoteFile note) throws StorageException {
    EntryGrants grants = new EntryGrants(note);
    for (String line : note.read().orElse(List.of())) {
      grants.take(line.split(" "));
    }
    return grants;
  }

  private void take(String[] words) throws DamagedException {
    try {
      if (words.length == 2 && words[0].equals(NONCE)) {
        nonce = Optional.of(Long.parseUnsignedLong(words[1], 16));
        return;
      }
      if (words.length == 3 && words[0].equals(GRANTED)) {
        granted.put(Long.parseUnsignedLong(words[1], 16), Long.parseUnsignedLong(words[2], 16));
        return;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new DamagedException(
        "storage: grants of entry: not a line of them: " + String.join(" ", words), "entry", 0);
  }

  /** The nonce of this process's data directory: drawn at the first call, the same for ever. */
  public synchronized long nonce(RandomGenerator random) throws StorageException {
    if (nonce.isEmpty()) {
      save(Optional.of(random.nextLong()), granted);
    }
    return nonce.orElseThrow();
  }

  /**
   * Answers a request; a grant is durable before this returns.
   *
   * @param members null while they are not known here: before this process has read its log, or
   *     where it has none yet
   */
  public synchronized EntryAnswer answer(
      EntryRequest request, Callee callee, PeerInput.Members members) throws StorageException {
    long id = request.memberId();
    if (!Names.isName(request.name())) {
      return answer(callee, Verdict.REFUSED, "the name of a member must be " + Names.RULE);
    }
    if (request.clusterId() != callee.clusterId()) {
      return answer(
          callee,
          Verdict.REFUSED,
          "cluster id mismatch: expected %x, found %x: token and founders must be the same on all"
              .formatted(callee.clusterId(), request.clusterId()));
    }
    if (members != null && members.removed().contains(id)) {
      return answer(callee, Verdict.REMOVED, "member %s was removed".formatted(text(request)));
    }
    Optional<MemberInfo> known =
        members == null
            ? Optional.empty()
            : members.members().stream().filter(member -> member.id() == id).findFirst();
    if (members == null ? !callee.founders().contains(id) : known.isEmpty()) {
      return answer(
          callee, Verdict.LATER, "no member %s is known here yet".formatted(text(request)));
    }
    if (known.isPresent() && !known.get().clientUrls().isEmpty()) {
      return answer(
          callee,
          Verdict.REFUSED,
          "member %s has been running before: bring its data back, or remove it and start again"
              .formatted(text(request)));
    }
    return id == callee.memberId()
        ? answerNamesake(request, callee, members == null)
        : answerFirst(request, callee);
  }

  private EntryAnswer answerFirst(EntryRequest request, Callee callee) throws StorageException {
    Long first = granted.get(request.memberId());
    if (first == null) {
      TreeMap<Long, Long> more = new TreeMap<>(granted);
      more.put(request.memberId(), request.nonce());
      save(nonce, more);
    } else if (first != request.nonce()) {
      return answer(
          callee,
          Verdict.REFUSED,
          ("another process was first to ask for member %s: is it started twice, or was its data"
                  + " directory emptied? where no cluster was founded yet, empty those of all"
                  + " founders")
              .formatted(text(request)));
    }
    return answer(callee, Verdict.GRANTED, "");
  }

  /** Of two who wait under one name, both asked, the larger nonce gives way. */
  private EntryAnswer answerNamesake(EntryRequest request, Callee callee, boolean waits) {
    boolean same = nonce.isPresent() && nonce.get() == request.nonce();
    boolean givesWay =
        waits && nonce.isPresent() && Long.compareUnsigned(request.nonce(), nonce.get()) < 0;
    return same || givesWay
        ? answer(callee, Verdict.GRANTED, "")
        : answer(
            callee,
            Verdict.REFUSED,
            "another process runs as member %s: is it started twice?".formatted(text(request)));
  }

  private static EntryAnswer answer(Callee callee, Verdict verdict, String reason) {
    return new EntryAnswer(callee.memberId(), verdict, reason);
  }

  private static String text(EntryRequest request) {
    return "%s (%x)".formatted(request.name(), request.memberId());
  }

  private void save(Optional<Long> newNonce, TreeMap<Long, Long> newGranted)
      throws StorageException {
    List<String> lines = new ArrayList<>();
    newNonce.ifPresent(number -> lines.add(NONCE + " %016x".formatted(number)));
    for (Map.Entry<Long, Long> grant : newGranted.entrySet()) {
      lines.add(GRANTED + " %016x %016x".formatted(grant.getKey(), grant.getValue()));
    }
    note.write(lines);
    nonce = newNonce;
    if (newGranted != granted) {
      granted.putAll(newGranted);
    }
  }
}
