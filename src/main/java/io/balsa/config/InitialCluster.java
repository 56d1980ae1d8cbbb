package io.balsa.config;

import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The members that found a cluster. All ids follow from names, peer URLs and token, or from names
 * and token where the URLs are discovered, so that every founder computes the same ones without a
 * word between them. A member that joins later does not have its id from here.
 *
 * @param token keeps clusters with the same members apart
 * @param members ordered by name
 */
public record InitialCluster(String token, List<Member> members) {
  // Written into the ids of every cluster ever founded: never to be changed.
  private static final String MEMBER_DOMAIN = "balsa member";
  private static final String NAMED_MEMBER_DOMAIN = "balsa named member";
  private static final String CLUSTER_DOMAIN = "balsa cluster";

  public InitialCluster {
    members = List.copyOf(members);
  }

  /**
   * A founder.
   *
   * @param id neither 0 nor one of the ids -1 and -2 that the core keeps for its local threads
   * @param peerUrls empty where they are discovered
   */
  public record Member(long id, String name, List<String> peerUrls) {
    public Member {
      peerUrls = List.copyOf(peerUrls);
    }
  }

  /**
   * The cluster of these founders.
   *
   * @param peerUrls by name; the order of the URLs of a member does not matter
   */
  public static InitialCluster of(String token, Map<String, List<String>> peerUrls) {
    return of(
        token,
        peerUrls.entrySet().stream()
            .map(
                entry -> {
                  List<String> urls = entry.getValue().stream().sorted().toList();
                  return new Member(
                      memberId(MEMBER_DOMAIN, token, entry.getKey(), urls), entry.getKey(), urls);
                }));
  }

  /** The cluster of founders that are known by name alone, whatever their addresses. */
  public static InitialCluster ofNames(String token, Collection<String> names) {
    return of(
        token,
        names.stream()
            .map(
                name ->
                    new Member(
                        memberId(NAMED_MEMBER_DOMAIN, token, name, List.of()), name, List.of())));
  }

  private static InitialCluster of(String token, Stream<Member> founders) {
    List<Member> members = founders.sorted(Comparator.comparing(Member::name)).toList();
    Set<Long> ids = new HashSet<>();
    for (Member member : members) {
      Checks.invariant(ids.add(member.id()), "member id %x is taken twice", member.id());
    }
    return new InitialCluster(token, members);
  }

  /**
   * The same founders of another cluster: one that begins with what another one held.
   *
   * @param snapshot names what it begins with
   */
  public InitialCluster restoredFrom(String snapshot) {
    String of = token + " restored from " + snapshot; // No token that is given has a space.
    return of(
        of,
        members.stream()
            .map(
                member ->
                    new Member(
                        memberId(MEMBER_DOMAIN, of, member.name(), member.peerUrls()),
                        member.name(),
                        member.peerUrls())));
  }

  /** The id of the cluster; never 0, -1 or -2. */
  public long clusterId() {
    ByteWriter writer = new ByteWriter(64).text(CLUSTER_DOMAIN).text(token);
    members.stream()
        .map(Member::id)
        .sorted(Long::compareUnsigned)
        .forEach(id -> writer.fixed64(id));
    return hash(writer.toBytes());
  }

  /** The founder of this name. */
  public Optional<Member> member(String name) {
    return members.stream().filter(member -> member.name().equals(name)).findFirst();
  }

  private static long memberId(String domain, String token, String name, List<String> urls) {
    ByteWriter writer = new ByteWriter(64).text(domain).text(token).text(name);
    urls.forEach(writer::text);
    return hash(writer.toBytes());
  }

  /** The first eight bytes of the digest that are no reserved id. */
  private static long hash(Bytes content) {
    ByteBuffer digest = ByteBuffer.wrap(sha256().digest(content.toArray()));
    long id = digest.getLong();
    while (id >= -2 && id <= 0) {
      id = digest.getLong();
    }
    return id;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
