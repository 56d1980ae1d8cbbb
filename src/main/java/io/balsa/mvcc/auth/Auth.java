package io.balsa.mvcc.auth;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Users, roles and whether they are enforced: the state that the log describes.
 *
 * <p>Each change raises the auth revision, which is 1 in the beginning. A refusal leaves everything
 * as it was.
 */
public final class Auth {
  /** The name of the user and of the role that may do everything. */
  public static final String ROOT = "root";

  private static final AuthAnswer DONE = new AuthAnswer.Done();
  private static final int ENTRY_BYTES_MIN = 3;
  private static final int NAME_BYTES_MIN = 1;

  /**
   * A user.
   *
   * @param tokensFrom tokens that were made at an earlier auth revision are void
   */
  private record User(String hash, boolean noPassword, List<String> roles, long tokensFrom) {}

  private record Granted(Ranges read, Ranges write) {}

  private final TreeMap<String, User> users = new TreeMap<>();
  private final TreeMap<String, List<Permission>> roles = new TreeMap<>();
  private final Map<String, Granted> granted = new HashMap<>(); // By user; only looked up.
  private boolean enabled;
  private long revision = 1;
  private long tokensFrom; // As of a user, for all of them.
  private long hash;

  /** Whether permissions are enforced. */
  public boolean isEnabled() {
    return enabled;
  }

  /** How often the state was changed, and 1. */
  public long revision() {
    return revision;
  }

  /** Over all changes: equal wherever the same log was applied, 0 before the first. */
  public long stateHash() {
    return hash;
  }

  /**
   * Applies the next command of the log.
   *
   * @param index of its entry
   */
  public AuthAnswer apply(AuthCommand command, Credentials by, long index) {
    if (command instanceof AuthCommand.AddToken token) {
      return addToken(token, index);
    }
    AuthFault fault = checkAdmin(by);
    if (fault == null) {
      fault = change(command);
    }
    return fault == null ? DONE : new AuthAnswer.Refused(fault);
  }

  private AuthAnswer addToken(AuthCommand.AddToken token, long index) {
    User user = users.get(token.user());
    AuthFault fault = null;
    if (!enabled) {
      fault = AuthFault.NOT_ENABLED;
    } else if (user == null) {
      fault = AuthFault.AUTHENTICATION_FAILED;
    } else if (token.revision() < Math.max(user.tokensFrom(), tokensFrom)) {
      fault = AuthFault.REVISION_OLD; // The password may be another now: it is checked anew.
    }
    return fault == null
        ? new AuthAnswer.Token(token.secret() + "." + index, token.user(), revision)
        : new AuthAnswer.Refused(fault);
  }

  private AuthFault change(AuthCommand command) {
    if (command instanceof AuthCommand.Enable) {
      return enable(command);
    }
    if (command instanceof AuthCommand.Disable) {
      return disable(command);
    }
    if (command instanceof AuthCommand.UserAdd add) {
      return addUser(add);
    }
    if (command instanceof AuthCommand.UserDelete delete) {
      return deleteUser(delete);
    }
    if (command instanceof AuthCommand.UserChangePassword change) {
      return changePassword(change);
    }
    if (command instanceof AuthCommand.UserGrantRole grant) {
      return grantRole(grant);
    }
    if (command instanceof AuthCommand.UserRevokeRole revoke) {
      return revokeRole(revoke);
    }
    if (command instanceof AuthCommand.RoleAdd add) {
      return addRole(add);
    }
    if (command instanceof AuthCommand.RoleDelete delete) {
      return deleteRole(delete);
    }
    if (command instanceof AuthCommand.RoleGrant grant) {
      return grant(grant);
    }
    return revoke((AuthCommand.RoleRevoke) command);
  }

  /** As in etcd, enabling takes no revision. */
  private AuthFault enable(AuthCommand command) {
    if (enabled) {
      return null;
    }
    User root = users.get(ROOT);
    if (root == null) {
      return AuthFault.ROOT_USER_MISSING;
    }
    if (!root.roles().contains(ROOT)) {
      return AuthFault.ROOT_ROLE_MISSING;
    }
    enabled = true;
    note(command);
    return null;
  }

  private AuthFault disable(AuthCommand command) {
    if (enabled) {
      enabled = false;
      changed(command);
      tokensFrom = revision;
    }
    return null;
  }

  private AuthFault addUser(AuthCommand.UserAdd add) {
    if (add.name().isEmpty()) {
      return AuthFault.USER_EMPTY;
    }
    if (users.containsKey(add.name())) {
      return AuthFault.USER_EXISTS;
    }
    changed(add);
    users.put(add.name(), new User(add.hash(), add.noPassword(), List.of(), revision));
    return null;
  }

  private AuthFault deleteUser(AuthCommand.UserDelete delete) {
    if (enabled && delete.name().equals(ROOT)) {
      return AuthFault.INVALID_MANAGEMENT;
    }
    if (users.remove(delete.name()) == null) {
      return AuthFault.USER_NOT_FOUND;
    }
    changed(delete);
    return null;
  }

  private AuthFault changePassword(AuthCommand.UserChangePassword change) {
    User user = users.get(change.name());
    if (user == null) {
      return AuthFault.USER_NOT_FOUND;
    }
    changed(change);
    users.put(change.name(), new User(change.hash(), user.noPassword(), user.roles(), revision));
    return null;
  }

  private AuthFault grantRole(AuthCommand.UserGrantRole grant) {
    User user = users.get(grant.user());
    if (user == null) {
      return AuthFault.USER_NOT_FOUND;
    }
    // The role root need not be there to be granted.
    if (!grant.role().equals(ROOT) && !roles.containsKey(grant.role())) {
      return AuthFault.ROLE_NOT_FOUND;
    }
    if (!user.roles().contains(grant.role())) {
      TreeSet<String> all = new TreeSet<>(user.roles());
      all.add(grant.role());
      users.put(grant.user(), withRoles(user, all));
      changed(grant);
    }
    return null;
  }

  private AuthFault revokeRole(AuthCommand.UserRevokeRole revoke) {
    if (enabled && revoke.user().equals(ROOT) && revoke.role().equals(ROOT)) {
      return AuthFault.INVALID_MANAGEMENT;
    }
    User user = users.get(revoke.user());
    if (user == null) {
      return AuthFault.USER_NOT_FOUND;
    }
    if (!user.roles().contains(revoke.role())) {
      return AuthFault.ROLE_NOT_GRANTED;
    }
    takeRole(revoke.user(), revoke.role());
    changed(revoke);
    return null;
  }

  private void takeRole(String name, String role) {
    User user = users.get(name);
    TreeSet<String> left = new TreeSet<>(user.roles());
    if (left.remove(role)) {
      users.put(name, withRoles(user, left));
    }
  }

  private static User withRoles(User user, TreeSet<String> roles) {
    return new User(user.hash(), user.noPassword(), List.copyOf(roles), user.tokensFrom());
  }

  private AuthFault addRole(AuthCommand.RoleAdd add) {
    if (add.name().isEmpty()) {
      return AuthFault.ROLE_EMPTY;
    }
    if (roles.putIfAbsent(add.name(), List.of()) != null) {
      return AuthFault.ROLE_EXISTS;
    }
    changed(add);
    return null;
  }

  private AuthFault deleteRole(AuthCommand.RoleDelete delete) {
    if (enabled && delete.name().equals(ROOT)) {
      return AuthFault.INVALID_MANAGEMENT;
    }
    if (roles.remove(delete.name()) == null) {
      return AuthFault.ROLE_NOT_FOUND;
    }
    List.copyOf(users.keySet()).forEach(user -> takeRole(user, delete.name()));
    changed(delete);
    return null;
  }

  /** As in etcd, only the first permission of its key is replaced, if it is for the same range. */
  private AuthFault grant(AuthCommand.RoleGrant grant) {
    List<Permission> before = roles.get(grant.role());
    if (before == null) {
      return AuthFault.ROLE_NOT_FOUND;
    }
    KeyRange keys = grant.permission().keys();
    List<Permission> after = new ArrayList<>(before);
    int first = 0;
    while (first < after.size() && after.get(first).keys().key().compareTo(keys.key()) < 0) {
      first++;
    }
    if (first < after.size() && after.get(first).keys().equals(keys)) {
      after.set(first, grant.permission());
    } else {
      after.add(grant.permission());
      after.sort(Comparator.comparing(permission -> permission.keys().key()));
    }
    roles.put(grant.role(), List.copyOf(after));
    changed(grant);
    return null;
  }

  private AuthFault revoke(AuthCommand.RoleRevoke revoke) {
    List<Permission> before = roles.get(revoke.role());
    if (before == null) {
      return AuthFault.ROLE_NOT_FOUND;
    }
    List<Permission> left =
        before.stream().filter(each -> !each.keys().equals(revoke.keys())).toList();
    if (left.size() == before.size()) {
      return AuthFault.PERMISSION_NOT_GRANTED;
    }
    roles.put(revoke.role(), left);
    changed(revoke);
    return null;
  }

  private void changed(AuthCommand command) {
    revision++;
    granted.clear();
    note(command);
  }

  private void note(AuthCommand command) {
    ByteWriter bytes = new ByteWriter(64);
    AuthCodec.encode(command, bytes);
    for (byte each : bytes.toArray()) {
      hash = (hash ^ (each & 0xff)) * 0x100000001b3L; // FNV-1a.
    }
  }

  // ---- Questions

  /** Answers; a refusal where who asks may not know. */
  public AuthAnswer answer(AuthQuery query, Credentials by) {
    if (query instanceof AuthQuery.Status) {
      return new AuthAnswer.Status(enabled, revision);
    }
    if (query instanceof AuthQuery.Password password) {
      return password(password.user());
    }
    AuthFault fault = checkAdmin(by);
    if (fault != null && !isOwn(query, by)) {
      return new AuthAnswer.Refused(fault);
    }
    if (query instanceof AuthQuery.Users) {
      return new AuthAnswer.Names(List.copyOf(users.keySet()));
    }
    if (query instanceof AuthQuery.Roles) {
      return new AuthAnswer.Names(List.copyOf(roles.keySet()));
    }
    if (query instanceof AuthQuery.User of) {
      User user = users.get(of.name());
      return user == null
          ? new AuthAnswer.Refused(AuthFault.USER_NOT_FOUND)
          : new AuthAnswer.Names(user.roles());
    }
    if (query instanceof AuthQuery.Role of) {
      List<Permission> permissions = roles.get(of.name());
      return permissions == null
          ? new AuthAnswer.Refused(AuthFault.ROLE_NOT_FOUND)
          : new AuthAnswer.Permissions(permissions);
    }
    return DONE;
  }

  private AuthAnswer password(String name) {
    User user = users.get(name);
    if (!enabled || user == null) {
      return new AuthAnswer.Refused(
          enabled ? AuthFault.AUTHENTICATION_FAILED : AuthFault.NOT_ENABLED);
    }
    return new AuthAnswer.Password(user.hash(), user.noPassword(), revision);
  }

  /** Users may look at themselves, and at the roles that they have. */
  private boolean isOwn(AuthQuery query, Credentials by) {
    if (!by.isUser() || !isGood(by)) {
      return false;
    }
    if (query instanceof AuthQuery.User user) {
      return user.name().equals(by.name());
    }
    User self = users.get(by.name());
    return query instanceof AuthQuery.Role role
        && self != null
        && self.roles().contains(role.name());
  }

  /** Whether a token of a user was not made void since it was made. */
  public boolean isGood(Credentials by) {
    User user = users.get(by.name());
    return by.kind() != Credentials.Kind.USER
        || (user != null && by.revision() >= Math.max(user.tokensFrom(), tokensFrom));
  }

  /** Why who asks has not the role root, or null; null also where nothing is enforced. */
  public AuthFault checkAdmin(Credentials by) {
    if (!enabled || by.kind() == Credentials.Kind.TRUSTED) {
      return null;
    }
    if (!by.isUser()) {
      return AuthFault.NO_CREDENTIALS;
    }
    if (!isGood(by)) {
      return AuthFault.TOKEN_INVALID;
    }
    return isRoot(by.name()) ? null : AuthFault.PERMISSION_DENIED;
  }

  /** Why who asks may not, or null; null also where nothing is enforced. */
  AuthFault check(Credentials by, KeyRange keys, Permission.Type wanted) {
    if (!enabled || by.kind() == Credentials.Kind.TRUSTED) {
      return null;
    }
    if (!by.isUser()) {
      return AuthFault.NO_CREDENTIALS;
    }
    if (by.kind() == Credentials.Kind.CLAIM && by.revision() < revision) {
      return AuthFault.REVISION_OLD;
    }
    if (!isGood(by)) {
      return AuthFault.TOKEN_INVALID;
    }
    return isGranted(by.name(), keys, wanted) ? null : AuthFault.PERMISSION_DENIED;
  }

  /** Whether the user has it now, however old what it is known by. */
  boolean isGranted(String name, KeyRange keys, Permission.Type wanted) {
    if (isRoot(name)) {
      return true;
    }
    if (!users.containsKey(name)) {
      return false;
    }
    Granted all = granted.computeIfAbsent(name, this::granted);
    return (wanted == Permission.Type.READ ? all.read() : all.write()).contains(keys);
  }

  private boolean isRoot(String name) {
    User user = users.get(name);
    return user != null && user.roles().contains(ROOT);
  }

  private Granted granted(String name) {
    List<Permission> all =
        users.get(name).roles().stream()
            .flatMap(role -> roles.getOrDefault(role, List.of()).stream())
            .toList();
    return new Granted(ranges(all, Permission.Type.READ), ranges(all, Permission.Type.WRITE));
  }

  private static Ranges ranges(List<Permission> all, Permission.Type wanted) {
    return new Ranges(
        all.stream().filter(each -> each.type().includes(wanted)).map(Permission::keys).toList());
  }

  // ---- In snapshots

  /** Writes the whole state. */
  public void encode(ByteWriter writer) {
    writer.bool(enabled).varint(revision).varint(tokensFrom).fixed64(hash);
    writer.varint(users.size());
    users.forEach(
        (name, user) -> {
          writer.text(name).text(user.hash()).bool(user.noPassword()).varint(user.tokensFrom());
          writer.varint(user.roles().size());
          user.roles().forEach(writer::text);
        });
    writer.varint(roles.size());
    roles.forEach(
        (name, permissions) -> {
          writer.text(name).varint(permissions.size());
          permissions.forEach(permission -> AuthCodec.encode(permission, writer));
        });
  }

  /** Reads what {@link #encode} wrote. */
  public static Auth decode(ByteReader reader) throws MalformedException {
    Auth auth = new Auth();
    auth.enabled = reader.bool();
    auth.revision = reader.varint();
    auth.tokensFrom = reader.varint();
    auth.hash = reader.fixed64();
    int users = reader.count(ENTRY_BYTES_MIN);
    for (int i = 0; i < users; i++) {
      String name = reader.text();
      String hash = reader.text();
      boolean noPassword = reader.bool();
      long tokensFrom = reader.varint();
      int count = reader.count(NAME_BYTES_MIN);
      List<String> roles = new ArrayList<>(count);
      for (int j = 0; j < count; j++) {
        roles.add(reader.text());
      }
      auth.users.put(name, new User(hash, noPassword, List.copyOf(roles), tokensFrom));
    }
    int roles = reader.count(2);
    for (int i = 0; i < roles; i++) {
      String name = reader.text();
      int count = reader.count(ENTRY_BYTES_MIN);
      List<Permission> permissions = new ArrayList<>(count);
      for (int j = 0; j < count; j++) {
        permissions.add(AuthCodec.decodePermission(reader));
      }
      auth.roles.put(name, List.copyOf(permissions));
    }
    return auth;
  }
}
