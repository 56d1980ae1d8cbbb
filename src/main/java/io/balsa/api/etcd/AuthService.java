package io.balsa.api.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import io.balsa.api.SignedTokens;
import io.balsa.api.etcd.proto.authpb.Permission;
import io.balsa.api.etcd.proto.etcdserverpb.AuthDisableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthDisableResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthEnableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthEnableResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleAddResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleDeleteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleDeleteResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGetRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGetResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthStatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthStatusResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserAddResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserChangePasswordRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserChangePasswordResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserDeleteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserDeleteResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGetRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGetResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGrantRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGrantRoleResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserRevokeRoleResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateResponse;
import io.balsa.api.etcd.proto.etcdserverpb.ResponseHeader;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.auth.AuthQuery;
import io.balsa.mvcc.command.KeyRange;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The service {@code etcdserverpb.Auth}. Passwords are hashed and checked here, beside the event
 * loop; the log and the state hold hashes only.
 */
final class AuthService {
  static final String NAME = "/etcdserverpb.Auth/";

  /** How the methods look in JSON. */
  static final List<Method> METHODS =
      List.of(
          method("enable", "AuthEnable", AuthEnableRequest.class, AuthEnableResponse.class),
          method("disable", "AuthDisable", AuthDisableRequest.class, AuthDisableResponse.class),
          method("status", "AuthStatus", AuthStatusRequest.class, AuthStatusResponse.class),
          method(
              "authenticate",
              "Authenticate",
              AuthenticateRequest.class,
              AuthenticateResponse.class),
          method("user/add", "UserAdd", AuthUserAddRequest.class, AuthUserAddResponse.class),
          method("user/get", "UserGet", AuthUserGetRequest.class, AuthUserGetResponse.class),
          method("user/list", "UserList", AuthUserListRequest.class, AuthUserListResponse.class),
          method(
              "user/delete",
              "UserDelete",
              AuthUserDeleteRequest.class,
              AuthUserDeleteResponse.class),
          method(
              "user/changepw",
              "UserChangePassword",
              AuthUserChangePasswordRequest.class,
              AuthUserChangePasswordResponse.class),
          method(
              "user/grant",
              "UserGrantRole",
              AuthUserGrantRoleRequest.class,
              AuthUserGrantRoleResponse.class),
          method(
              "user/revoke",
              "UserRevokeRole",
              AuthUserRevokeRoleRequest.class,
              AuthUserRevokeRoleResponse.class),
          method("role/add", "RoleAdd", AuthRoleAddRequest.class, AuthRoleAddResponse.class),
          method("role/get", "RoleGet", AuthRoleGetRequest.class, AuthRoleGetResponse.class),
          method("role/list", "RoleList", AuthRoleListRequest.class, AuthRoleListResponse.class),
          method(
              "role/delete",
              "RoleDelete",
              AuthRoleDeleteRequest.class,
              AuthRoleDeleteResponse.class),
          method(
              "role/grant",
              "RoleGrantPermission",
              AuthRoleGrantPermissionRequest.class,
              AuthRoleGrantPermissionResponse.class),
          method(
              "role/revoke",
              "RoleRevokePermission",
              AuthRoleRevokePermissionRequest.class,
              AuthRoleRevokePermissionResponse.class));

  private final EtcdLoop loop;
  private final Passwords passwords;

  /** A method at its path in the JSON gateway. */
  record Method(String path, String name, Message request, Message response) {}

  AuthService(EtcdLoop loop) {
    this.loop = loop;
    this.passwords = new Passwords(loop.vertx());
  }

  private static Method method(
      String path,
      String name,
      Class<? extends Message> request,
      Class<? extends Message> response) {
    return new Method(
        path, name, Internal.getDefaultInstance(request), Internal.getDefaultInstance(response));
  }

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "AuthEnable", UnaryMethod.of(AuthEnableRequest.parser(), this::enable));
    methods.put(NAME + "AuthDisable", UnaryMethod.of(AuthDisableRequest.parser(), this::disable));
    methods.put(NAME + "AuthStatus", UnaryMethod.of(AuthStatusRequest.parser(), this::status));
    methods.put(
        NAME + "Authenticate", UnaryMethod.of(AuthenticateRequest.parser(), this::authenticate));
    methods.put(NAME + "UserAdd", UnaryMethod.of(AuthUserAddRequest.parser(), this::addUser));
    methods.put(NAME + "UserGet", UnaryMethod.of(AuthUserGetRequest.parser(), this::user));
    methods.put(NAME + "UserList", UnaryMethod.of(AuthUserListRequest.parser(), this::users));
    methods.put(
        NAME + "UserDelete", UnaryMethod.of(AuthUserDeleteRequest.parser(), this::deleteUser));
    methods.put(
        NAME + "UserChangePassword",
        UnaryMethod.of(AuthUserChangePasswordRequest.parser(), this::changePassword));
    methods.put(
        NAME + "UserGrantRole", UnaryMethod.of(AuthUserGrantRoleRequest.parser(), this::grantRole));
    methods.put(
        NAME + "UserRevokeRole",
        UnaryMethod.of(AuthUserRevokeRoleRequest.parser(), this::revokeRole));
    methods.put(NAME + "RoleAdd", UnaryMethod.of(AuthRoleAddRequest.parser(), this::addRole));
    methods.put(NAME + "RoleGet", UnaryMethod.of(AuthRoleGetRequest.parser(), this::role));
    methods.put(NAME + "RoleList", UnaryMethod.of(AuthRoleListRequest.parser(), this::roles));
    methods.put(
        NAME + "RoleDelete", UnaryMethod.of(AuthRoleDeleteRequest.parser(), this::deleteRole));
    methods.put(
        NAME + "RoleGrantPermission",
        UnaryMethod.of(AuthRoleGrantPermissionRequest.parser(), this::grantPermission));
    methods.put(
        NAME + "RoleRevokePermission",
        UnaryMethod.of(AuthRoleRevokePermissionRequest.parser(), this::revokePermission));
  }

  // ---- Changes

  private void enable(UnaryCall call, AuthEnableRequest request) {
    change(
        call,
        new AuthCommand.Enable(),
        header -> AuthEnableResponse.newBuilder().setHeader(header).build());
  }

  private void disable(UnaryCall call, AuthDisableRequest request) {
    change(
        call,
        new AuthCommand.Disable(),
        header -> AuthDisableResponse.newBuilder().setHeader(header).build());
  }

  private void addUser(UnaryCall call, AuthUserAddRequest request) {
    boolean noPassword = request.getOptions().getNoPassword();
    withHash(
        call,
        noPassword ? null : request.getPassword(),
        request.getHashedPassword(),
        hash ->
            change(
                call,
                new AuthCommand.UserAdd(request.getName(), hash, noPassword),
                header -> AuthUserAddResponse.newBuilder().setHeader(header).build()));
  }

  private void changePassword(UnaryCall call, AuthUserChangePasswordRequest request) {
    withHash(
        call,
        request.getPassword(),
        request.getHashedPassword(),
        hash ->
            change(
                call,
                new AuthCommand.UserChangePassword(request.getName(), hash),
                header -> AuthUserChangePasswordResponse.newBuilder().setHeader(header).build()));
  }

  /**
   * Goes on with the hash of a password, if who calls may change users: a hash costs too much to be
   * made for everybody.
   *
   * @param password null for none
   * @param given a hash that the client made, empty for none
   */
  private void withHash(UnaryCall call, String password, String given, Consumer<String> then) {
    call.ask(
        new Request.AuthLook(new AuthQuery.Admin()),
        Reply.Auth.class,
        root -> {
          if (password == null || !given.isEmpty()) {
            then.accept(password == null ? "" : given);
          } else {
            passwords.hash(password, call, then);
          }
        });
  }

  private void deleteUser(UnaryCall call, AuthUserDeleteRequest request) {
    change(
        call,
        new AuthCommand.UserDelete(request.getName()),
        header -> AuthUserDeleteResponse.newBuilder().setHeader(header).build());
  }

  private void grantRole(UnaryCall call, AuthUserGrantRoleRequest request) {
    change(
        call,
        new AuthCommand.UserGrantRole(request.getUser(), request.getRole()),
        header -> AuthUserGrantRoleResponse.newBuilder().setHeader(header).build());
  }

  private void revokeRole(UnaryCall call, AuthUserRevokeRoleRequest request) {
    change(
        call,
        new AuthCommand.UserRevokeRole(request.getName(), request.getRole()),
        header -> AuthUserRevokeRoleResponse.newBuilder().setHeader(header).build());
  }

  private void addRole(UnaryCall call, AuthRoleAddRequest request) {
    change(
        call,
        new AuthCommand.RoleAdd(request.getName()),
        header -> AuthRoleAddResponse.newBuilder().setHeader(header).build());
  }

  private void deleteRole(UnaryCall call, AuthRoleDeleteRequest request) {
    change(
        call,
        new AuthCommand.RoleDelete(request.getRole()),
        header -> AuthRoleDeleteResponse.newBuilder().setHeader(header).build());
  }

  private void grantPermission(UnaryCall call, AuthRoleGrantPermissionRequest request) {
    if (!request.hasPerm()) {
      throw Errors.invalid("permission not given");
    }
    Permission given = request.getPerm();
    io.balsa.mvcc.auth.Permission.Type type =
        switch (given.getPermType()) {
          case READ -> io.balsa.mvcc.auth.Permission.Type.READ;
          case WRITE -> io.balsa.mvcc.auth.Permission.Type.WRITE;
          case READWRITE -> io.balsa.mvcc.auth.Permission.Type.READWRITE;
          case UNRECOGNIZED -> throw Errors.invalid("invalid auth management");
        };
    KeyRange keys = keys(given.getKey().toByteArray(), given.getRangeEnd().toByteArray());
    change(
        call,
        new AuthCommand.RoleGrant(request.getName(), new io.balsa.mvcc.auth.Permission(type, keys)),
        header -> AuthRoleGrantPermissionResponse.newBuilder().setHeader(header).build());
  }

  private void revokePermission(UnaryCall call, AuthRoleRevokePermissionRequest request) {
    KeyRange keys = keys(request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
    change(
        call,
        new AuthCommand.RoleRevoke(request.getRole(), keys),
        header -> AuthRoleRevokePermissionResponse.newBuilder().setHeader(header).build());
  }

  private static KeyRange keys(byte[] key, byte[] end) {
    return new KeyRange(Bytes.wrap(key), Bytes.wrap(end));
  }

  private static void change(
      UnaryCall call, AuthCommand command, Function<ResponseHeader, Message> answer) {
    call.ask(
        new Request.Auth(command),
        Reply.Auth.class,
        reply -> call.reply(answer.apply(header(call))));
  }

  // ---- Questions

  private void status(UnaryCall call, AuthStatusRequest request) {
    look(
        call,
        new AuthQuery.Status(),
        AuthAnswer.Status.class,
        status ->
            AuthStatusResponse.newBuilder()
                .setHeader(header(call))
                .setEnabled(status.enabled())
                .setAuthRevision(status.revision())
                .build());
  }

  private void user(UnaryCall call, AuthUserGetRequest request) {
    look(
        call,
        new AuthQuery.User(request.getName()),
        AuthAnswer.Names.class,
        roles ->
            AuthUserGetResponse.newBuilder()
                .setHeader(header(call))
                .addAllRoles(roles.names())
                .build());
  }

  private void users(UnaryCall call, AuthUserListRequest request) {
    look(
        call,
        new AuthQuery.Users(),
        AuthAnswer.Names.class,
        users ->
            AuthUserListResponse.newBuilder()
                .setHeader(header(call))
                .addAllUsers(users.names())
                .build());
  }

  private void roles(UnaryCall call, AuthRoleListRequest request) {
    look(
        call,
        new AuthQuery.Roles(),
        AuthAnswer.Names.class,
        roles ->
            AuthRoleListResponse.newBuilder()
                .setHeader(header(call))
                .addAllRoles(roles.names())
                .build());
  }

  private void role(UnaryCall call, AuthRoleGetRequest request) {
    look(
        call,
        new AuthQuery.Role(request.getRole()),
        AuthAnswer.Permissions.class,
        role -> {
          AuthRoleGetResponse.Builder answer =
              AuthRoleGetResponse.newBuilder().setHeader(header(call));
          role.permissions().forEach(permission -> answer.addPerm(message(permission)));
          return answer.build();
        });
  }

  private static Permission message(io.balsa.mvcc.auth.Permission permission) {
    return Permission.newBuilder()
        .setPermTypeValue(permission.type().ordinal())
        .setKey(ByteString.copyFrom(permission.keys().key().toArray()))
        .setRangeEnd(ByteString.copyFrom(permission.keys().end().toArray()))
        .build();
  }

  private static <A extends AuthAnswer> void look(
      UnaryCall call, AuthQuery query, Class<A> kind, Function<A, Message> answer) {
    call.ask(
        new Request.AuthLook(query),
        Reply.Auth.class,
        reply -> call.reply(answer.apply(kind.cast(reply.answer()))));
  }

  // ---- Passwords and tokens

  private void authenticate(UnaryCall call, AuthenticateRequest request) {
    String user = request.getName();
    call.ask(
        new Request.AuthLook(new AuthQuery.Password(user)),
        Reply.Auth.class,
        reply -> {
          AuthAnswer.Password known = (AuthAnswer.Password) reply.answer();
          if (known.noPassword()) {
            throw Errors.passwordForNone();
          }
          passwords.check(
              request.getPassword(),
              known.hash(),
              call,
              isRight -> {
                if (!isRight) {
                  throw Errors.invalid("authentication failed, invalid user ID or password");
                }
                token(call, request, known.revision());
              });
        });
  }

  private void token(UnaryCall call, AuthenticateRequest request, long revision) {
    String user = request.getName();
    SignedTokens signed = loop.options().signedTokens();
    if (signed != null) {
      if (!signed.canSign()) {
        throw Errors.noSigningKey();
      }
      answer(call, signed.sign(user, revision));
      return;
    }
    call.ask(
        new Request.Auth(new AuthCommand.AddToken(user, passwords.secret(), revision)),
        reply -> {
          if (Errors.is(reply, Refusal.TOKEN_STALE)) {
            authenticate(call, request); // The password was changed meanwhile.
          } else if (reply instanceof Reply.Refused refused) {
            throw Errors.of(refused);
          } else {
            answer(call, ((AuthAnswer.Token) ((Reply.Auth) reply).answer()).token());
          }
        });
  }

  private static void answer(UnaryCall call, String token) {
    call.reply(AuthenticateResponse.newBuilder().setHeader(header(call)).setToken(token).build());
  }

  private static ResponseHeader header(UnaryCall call) {
    return ResponseHeaders.of(call.header());
  }
}
