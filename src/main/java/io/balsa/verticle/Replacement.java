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
    String dir = config.dataDir().toString();
    String remove = "curl -X DELETE http://OTHER/v1/members/" + config.name();
    if (config.cluster().entry() == Entry.DISCOVER) {
      return "%s does not start with damaged data; to replace it from the others, with OTHER the"
              .formatted(config.name())
          + " client address of one of them: 1. %s 2. empty %s 3. start it again: it joins anew"
              .formatted(remove, dir);
    }
    String add =
        "curl http://OTHER/v1/members -d '{\"name\":\"%s\",\"peerUrls\":[\"%s\"],\"learner\":true}'"
            .formatted(config.name(), String.join("\",\"", config.peerUrls()));
    return "%s does not start with damaged data; to replace it from the others, with OTHER the"
            .formatted(config.name())
        + " client address of one of them: 1. %s 2. empty %s 3. %s".formatted(remove, dir, add)
        + " 4. start it with --initial-cluster-state existing 5. when it has caught up,"
        + " curl -X POST http://OTHER/v1/members/%s/promote; without others, bring back a copy of %s"
            .formatted(config.name(), dir);
  }
}
