package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.OpResultCodec;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.command.Result.Failed;
import io.balsa.mvcc.command.Result.Fault;
import io.balsa.mvcc.command.Result.Written;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the writes of each session were answered, see {@link Once} for the rules. A session is here
 * from its first write on, until its lease ends.
 */
final class Sessions {
  /**
   * The answer to one write.
   *
   * @param revision the store's after the write
   * @param result as {@link OpResultCodec} has it: a result as it is would keep alive the values of
   *     items that are overwritten since; empty if it was too large
   */
  record Answer(long sequence, long revision, Bytes result) {
    private static final int OBJECT_BYTES = 40; // With its place in the array.

    private long bytes() {
      return OBJECT_BYTES + Version.heapBytes(result);
    }
  }

  /** Of a lease that has made no write. */
  static final Answer[] NONE = {};

  private static final int SESSION_BYTES = 80; // A node, its key and an array.

  // By sequence, ascending, at least one and at most Once.WINDOW. An array is replaced and never
  // changed: a snapshot may be reading it.
  private final TreeMap<Long, Answer[]> sessions = new TreeMap<>();
  private long bytes;

  /** The estimated heap, in bytes. */
  long bytes() {
    return bytes;
  }

  /** The answers of each session as they are now, which will not change. */
  Map<Long, Answer[]> copy() {
    return new TreeMap<>(sessions);
  }

  /** What a write is answered that must not be applied any more; null if it is a new one. */
  Result answer(Once once) {
    Answer[] answers = sessions.getOrDefault(once.session(), NONE);
    int place = place(answers, once.sequence());
    if (isAt(answers, place, once.sequence())) {
      return repeated(once, answers[place]);
    }
    if (answers.length > 0
        && once.sequence() <= answers[answers.length - 1].sequence - Once.WINDOW) {
      return new Failed(
          Fault.ANSWER_FORGOTTEN,
          once
              + " may have been applied before: it is older than the "
              + Once.WINDOW
              + " up to write "
              + answers[answers.length - 1].sequence
              + ", whose answers are remembered");
    }
    return null;
  }

  /** Whether this very write was applied. */
  boolean remembers(Once once) {
    Answer[] answers = sessions.getOrDefault(once.session(), NONE);
    return isAt(answers, place(answers, once.sequence()), once.sequence());
  }

  /** Remembers the answer to a new write, in place of that of the lowest sequence if need be. */
  Answer add(Once once, Written written) {
    boolean small = OpResultCodec.bytesMax(written.result()) <= Once.ANSWER_BYTES_MAX;
    Answer answer =
        new Answer(
            once.sequence(),
            written.revision(),
            small ? OpResultCodec.encode(written.result()) : Bytes.EMPTY);
    add(once.session(), answer);
    return answer;
  }

  /** Adds an answer that is new, to a session that need not be here yet. */
  void add(long session, Answer answer) {
    Answer[] before = sessions.getOrDefault(session, NONE);
    int place = place(before, answer.sequence);
    int forgotten = before.length == Once.WINDOW ? 1 : 0;
    // Never itself: with so many above it, it would have been refused.
    Answer[] after = new Answer[before.length + 1 - forgotten];
    System.arraycopy(before, forgotten, after, 0, place - forgotten);
    after[place - forgotten] = answer;
    System.arraycopy(before, place, after, place - forgotten + 1, before.length - place);
    sessions.put(session, after);
    bytes += answer.bytes() + (before.length == 0 ? SESSION_BYTES : 0);
    bytes -= forgotten == 0 ? 0 : before[0].bytes();
  }

  /** Forgets a session, if it is here. */
  void end(long session) {
    Answer[] answers = sessions.remove(session);
    if (answers != null) {
      bytes -= SESSION_BYTES;
      for (Answer answer : answers) {
        bytes -= answer.bytes();
      }
    }
  }

  /** The place of {@code sequence}, or of the first above it. */
  private static int place(Answer[] answers, long sequence) {
    int place = answers.length;
    while (place > 0 && answers[place - 1].sequence >= sequence) { // Most are at the upper end.
      place--;
    }
    return place;
  }

  private static boolean isAt(Answer[] answers, int place, long sequence) {
    return place < answers.length && answers[place].sequence == sequence;
  }

  private static Result repeated(Once once, Answer answer) {
    if (answer.result.isEmpty()) {
      return new Failed(
          Fault.ANSWER_FORGOTTEN,
          once
              + " was applied before, at revision "
              + answer.revision
              + ": its answer was larger than "
              + Once.ANSWER_BYTES_MAX
              + " bytes and is not remembered");
    }
    try {
      return new Written(answer.revision, OpResultCodec.decode(answer.result));
    } catch (MalformedException e) {
      throw new InvariantException("answer to " + once + " cannot be read: " + e.getMessage());
    }
  }
}
