package io.balsa.api;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import java.util.List;

/**
 * One page of the keys with a prefix. All pages of a range show the store at the revision of the
 * first.
 *
 * @param after where the page before ended; null for the first page
 * @param revision to read at, 0 for now
 */
public record RangePage(Bytes prefix, PageToken after, long revision) {
  /**
   * The page that a client asks for.
   *
   * @param after the token of the page before, null for the first page
   * @param asked the revision that the client names, 0 for none
   * @throws ProblemException if the token is none of this prefix, or of another revision
   */
  public static RangePage of(Bytes prefix, String after, long asked) {
    if (after == null) {
      return new RangePage(prefix, null, asked);
    }
    PageToken token = PageToken.decode(after, prefix);
    if (asked != 0 && asked != token.revision()) {
      throw ProblemException.invalid(
          "revision: found " + asked + ", expected that of the first page: " + token.revision());
    }
    return new RangePage(prefix, token, token.revision());
  }

  /** What reads it. */
  public Op.Range read(long limit, boolean keysOnly) {
    KeyRange whole = KeyRange.prefix(prefix);
    KeyRange keys =
        after == null ? whole : new KeyRange(after.last().append(0), whole.end()); // The next key.
    return Op.Range.of(keys, revision, limit, keysOnly);
  }

  /** Its revision, the count of the whole range, and where the next page begins if there is one. */
  public PageToken end(Reply.Read read) {
    OpResult.Ranged page = (OpResult.Ranged) read.result();
    List<KeyValue> items = page.items();
    return new PageToken(
        revision > 0 ? revision : read.revision(),
        after == null ? page.count() : after.count(),
        prefix,
        items.isEmpty() ? Bytes.EMPTY : items.get(items.size() - 1).key());
  }
}
