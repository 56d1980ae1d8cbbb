package io.balsa.migration;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;

/**
 * All keys of a store at one revision, in order, page by page. Counts and digests what it passes.
 */
final class Walk {
  private static final int FIRST_PAGE_KEYS = 16;
  private static final int PAGE_KEYS_MAX = 1_000;
  private static final long PAGE_BYTES = 1 << 20;

  private final EtcdStore store;
  private final long revision;
  private final MessageDigest digest;
  private final Deque<KeyValue> page = new ArrayDeque<>();
  private KeySpan rest;
  private long pageKeys = FIRST_PAGE_KEYS;
  private boolean more = true;
  private long keys;
  private long bytes;

  Walk(EtcdStore store, KeySpan span, long revision) {
    this.store = store;
    this.rest = span;
    this.revision = revision;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** The next pair, which stays the next; null behind the last. */
  KeyValue peek() throws MigrationException {
    while (page.isEmpty() && more) {
      read();
    }
    return page.peek();
  }

  /** Goes on behind the next pair. */
  KeyValue next() throws MigrationException {
    peek();
    KeyValue pair = page.remove();
    keys++;
    bytes += pair.getKey().size() + pair.getValue().size();
    digest(pair.getKey());
    digest(pair.getValue());
    digest(ByteString.copyFromUtf8(Long.toHexString(pair.getLease())));
    return pair;
  }

  /** How many pairs were passed. */
  long keys() {
    return keys;
  }

  /** How long their keys and values are together. */
  long bytes() {
    return bytes;
  }

  /** Of the keys, values and leases passed. */
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private void read() throws MigrationException {
    RangeResponse response;
    try {
      response = store.range(rest.key(), rest.end(), revision, pageKeys);
    } catch (MigrationException e) {
      if (!e.is(EtcdStore.RESOURCE_EXHAUSTED) || pageKeys == 1) {
        throw e;
      }
      pageKeys = 1; // They are larger than those before.
      return;
    }
    long pageBytes = 0;
    for (KeyValue pair : response.getKvsList()) {
      page.add(pair);
      pageBytes += pair.getSerializedSize();
    }
    more = response.getMore();
    if (!page.isEmpty()) {
      rest = rest.after(page.getLast().getKey());
      pageKeys =
          Math.max(1, Math.min(PAGE_KEYS_MAX, PAGE_BYTES * page.size() / Math.max(1, pageBytes)));
    }
  }

  private void digest(ByteString part) {
    int length = part.size();
    digest.update(
        new byte[] {
          (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
        });
    digest.update(part.asReadOnlyByteBuffer());
  }
}
