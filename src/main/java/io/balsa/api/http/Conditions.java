package io.balsa.api.http;

import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;

/**
 * The preconditions of a request (RFC 9110 §13). A key's entity tag is its mod revision in quotes,
 * and strong: tags of any other form are legal and match nothing.
 *
 * @param match {@code If-Match}, compared strongly; null where it is missing
 * @param noneMatch {@code If-None-Match}, compared weakly; null where it is missing
 */
record Conditions(Tags match, Tags noneMatch) {
  private static final int TAGS_MAX = 16;
  private static final Conditions NONE = new Conditions(null, null);

  /**
   * The tags of one header.
   *
   * @param any {@code *}: whatever exists
   * @param revisions those that can be a key's, in the order given
   */
  private record Tags(boolean any, List<Long> revisions) {}

  static Conditions of(MultiMap headers) {
    boolean match = headers.contains(HttpHeaders.IF_MATCH);
    boolean noneMatch = headers.contains(HttpHeaders.IF_NONE_MATCH);
    if (!match && !noneMatch) {
      return NONE;
    }
    return new Conditions(
        match ? tags(headers, HttpHeaders.IF_MATCH, false) : null,
        noneMatch ? tags(headers, HttpHeaders.IF_NONE_MATCH, true) : null);
  }

  boolean isEmpty() {
    return this == NONE;
  }

  /** Whether {@code If-Match} lets a request for this item through. */
  boolean isMatched(long modRevision) {
    return match == null || match.any || match.revisions.contains(modRevision);
  }

  /** Whether the client has this item already. */
  boolean isUnmodified(long modRevision) {
    return noneMatch != null && (noneMatch.any || noneMatch.revisions.contains(modRevision));
  }

  /**
   * Does {@code write} only if the conditions hold, in one step.
   *
   * @return {@code write} itself if there are none
   * @throws ProblemException if they cannot hold whatever the key is
   */
  Op guard(Bytes key, Op write) {
    if (isEmpty()) {
      return write;
    }
    List<Compare> always = new ArrayList<>();
    if (noneMatch != null && noneMatch.any) {
      always.add(compare(key, Compare.Target.VERSION, Compare.Operator.EQUAL, 0));
    } else if (noneMatch != null) {
      for (long revision : noneMatch.revisions) {
        always.add(compare(key, Compare.Target.MOD_REVISION, Compare.Operator.NOT_EQUAL, revision));
      }
    }
    List<Op> otherwise = List.of(Op.Range.of(KeyRange.of(key), 0, 1, true));
    if (match == null || match.any) {
      if (match != null) {
        always.add(compare(key, Compare.Target.VERSION, Compare.Operator.GREATER, 0));
      }
      return new Op.Txn(always, List.of(write), otherwise);
    }
    if (match.revisions.isEmpty()) {
      throw new ProblemException(
          Problem.preconditionFailed("If-Match: none of the entity tags can be that of a key"));
    }
    // Any one tag of several is enough, but the conditions of a transaction must all hold: so each
    // tag but the first is tried where the one before it failed.
    Op guarded = otherwise.get(0);
    for (int i = match.revisions.size() - 1; i >= 0; i--) {
      List<Compare> compares = new ArrayList<>(always);
      compares.add(
          compare(
              key, Compare.Target.MOD_REVISION, Compare.Operator.EQUAL, match.revisions.get(i)));
      guarded = new Op.Txn(compares, List.of(write), List.of(guarded));
    }
    return guarded;
  }

  /**
   * The result of the write that was guarded.
   *
   * @throws ProblemException if the conditions did not hold
   */
  static OpResult unwrap(OpResult result) {
    OpResult inner = result;
    while (inner instanceof OpResult.Txn txn && !txn.results().isEmpty()) {
      inner = txn.results().get(0);
    }
    if (inner instanceof OpResult.Ranged found) {
      throw new ProblemException(
          Problem.preconditionFailed(
              found.items().isEmpty()
                  ? "the key does not exist"
                  : "the key exists, its entity tag is \""
                      + found.items().get(0).modRevision()
                      + "\""));
    }
    return inner;
  }

  private static Compare compare(
      Bytes key, Compare.Target target, Compare.Operator operator, long number) {
    return Compare.number(key, target, operator, number);
  }

  private static Tags tags(MultiMap headers, CharSequence name, boolean weakly) {
    List<Long> revisions = new ArrayList<>();
    int count = 0;
    for (String line : headers.getAll(name)) {
      String list = line.strip();
      if (list.equals("*") && headers.getAll(name).size() == 1) {
        return new Tags(true, List.of());
      }
      int at = 0;
      while (at < list.length()) {
        boolean weak = list.startsWith("W/", at);
        int open = weak ? at + 2 : at;
        int close =
            open < list.length() && list.charAt(open) == '"' ? list.indexOf('"', open + 1) : -1;
        if (close < 0) {
          throw malformed(name, line);
        }
        count++;
        long revision = revision(list.substring(open + 1, close));
        if (revision > 0 && (weakly || !weak) && !revisions.contains(revision)) {
          revisions.add(revision);
        }
        at = nextTag(list, close + 1, name);
      }
    }
    if (count == 0 || count > TAGS_MAX) {
      throw ProblemException.invalid(
          name + ": found " + count + " entity tags, expected 1 to " + TAGS_MAX);
    }
    return new Tags(false, revisions);
  }

  /** Where the tag behind the comma begins, or the end. */
  private static int nextTag(String list, int from, CharSequence name) {
    boolean comma = false;
    int at = from;
    while (at < list.length()) {
      char c = list.charAt(at);
      if (c == ',') {
        comma = true; // Empty elements are legal (RFC 9110 §5.6.1).
      } else if (c != ' ' && c != '\t') {
        break;
      }
      at++;
    }
    if (at < list.length() && !comma) {
      throw malformed(name, list);
    }
    return at;
  }

  /** The revision that a tag names, or 0: a missing key has no tag, so "0" must match nothing. */
  private static long revision(String tag) {
    if (tag.isEmpty() || tag.length() > 19 || tag.charAt(0) == '0') {
      return 0;
    }
    for (int i = 0; i < tag.length(); i++) {
      if (tag.charAt(i) < '0' || tag.charAt(i) > '9') {
        return 0;
      }
    }
    return Math.max(0, Long.parseUnsignedLong(tag)); // Beyond the largest revision: negative.
  }

  private static ProblemException malformed(CharSequence name, String value) {
    return ProblemException.invalid(
        name
            + ": found "
            + Problem.quote(value)
            + ", expected * or a list of entity tags such as \"12\"");
  }
}
