package io.balsa.verticle;

import io.balsa.storage.file.DamagedException;
import io.balsa.verticle.MemberConfig.Cluster.Entry;

/** What the operator does about a member that must not take part with the data that it has. */
final class Replacement {
  private Replacement() {}

  /**
   * The failure, and behind it the steps by which the member gets its data back from the others. It
   * must not do so by itself under its old id: it would vote without the entries that it lost.
   */
  static DamagedException explain(DamagedException damage, MemberConfig config) {
    return new DamagedException(
        damage.getMessage() + "; " + steps(config), damage.file(), damage.offset());
  }

  private static String steps(MemberConfig config) {
    String name = config.name();
    boolean joinsByItself = config.cluster().entry() == Entry.DISCOVER;
    String add =
        "curl http://OTHER/v1/members -d '{\"name\":\"%s\",\"peerUrls\":[\"%s\"],\"learner\":true}'"
            .formatted(name, String.join("\",\"", config.peerUrls()));
    return "%s does not start with it; to get its data from the others, with OTHER for the client"
            .formatted(name)
        + " address of one: 1. curl -X DELETE http://OTHER/v1/members/%s 2. empty %s"
            .formatted(name, config.dataDir())
        + (joinsByItself
            ? " 3. start it again, it joins anew"
            : " 3. %s 4. start it with --initial-cluster-state existing".formatted(add)
                + " 5. once it has caught up: curl -X POST http://OTHER/v1/members/%s/promote"
                    .formatted(name))
        + "; without others, bring back a copy of the directory";
  }
}
