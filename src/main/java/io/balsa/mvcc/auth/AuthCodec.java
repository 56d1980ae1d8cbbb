package io.balsa.mvcc.auth;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.MalformedException;
import io.balsa.mvcc.command.KeyRange;

/**
 * Commands and who sent them as bytes, the form in which they stand in the log. As of other
 * commands, the first byte names the layout, and one that changes gets a new kind.
 */
public final class AuthCodec {
  private static final int ENABLE = 1;
  private static final int DISABLE = 2;
  private static final int USER_ADD = 3;
  private static final int USER_DELETE = 4;
  private static final int USER_CHANGE_PASSWORD = 5;
  private static final int USER_GRANT_ROLE = 6;
  private static final int USER_REVOKE_ROLE = 7;
  private static final int ROLE_ADD = 8;
  private static final int ROLE_DELETE = 9;
  private static final int ROLE_GRANT = 10;
  private static final int ROLE_REVOKE = 11;
  private static final int ADD_TOKEN = 12;

  private static final Permission.Type[] TYPES = Permission.Type.values();
  private static final Credentials.Kind[] KINDS = Credentials.Kind.values();

  private AuthCodec() {}

  /** Writes {@code command} behind what {@code writer} holds. */
  public static void encode(AuthCommand command, ByteWriter writer) {
    if (command instanceof AuthCommand.Enable) {
      writer.u8(ENABLE);
    } else if (command instanceof AuthCommand.Disable) {
      writer.u8(DISABLE);
    } else if (command instanceof AuthCommand.UserAdd add) {
      writer.u8(USER_ADD).text(add.name()).text(add.hash()).bool(add.noPassword());
    } else if (command instanceof AuthCommand.UserDelete delete) {
      writer.u8(USER_DELETE).text(delete.name());
    } else if (command instanceof AuthCommand.UserChangePassword change) {
      writer.u8(USER_CHANGE_PASSWORD).text(change.name()).text(change.hash());
    } else if (command instanceof AuthCommand.UserGrantRole grant) {
      writer.u8(USER_GRANT_ROLE).text(grant.user()).text(grant.role());
    } else if (command instanceof AuthCommand.UserRevokeRole revoke) {
      writer.u8(USER_REVOKE_ROLE).text(revoke.user()).text(revoke.role());
    } else if (command instanceof AuthCommand.RoleAdd add) {
      writer.u8(ROLE_ADD).text(add.name());
    } else if (command instanceof AuthCommand.RoleDelete delete) {
      writer.u8(ROLE_DELETE).text(delete.name());
    } else if (command instanceof AuthCommand.RoleGrant grant) {
      writer.u8(ROLE_GRANT).text(grant.role());
      encode(grant.permission(), writer);
    } else if (command instanceof AuthCommand.RoleRevoke revoke) {
      writer.u8(ROLE_REVOKE).text(revoke.role());
      writer.bytes(revoke.keys().key()).bytes(revoke.keys().end());
    } else {
      AuthCommand.AddToken token = (AuthCommand.AddToken) command;
      writer.u8(ADD_TOKEN).text(token.user()).text(token.secret()).varint(token.revision());
    }
  }

  /**
   * Reads one command, and leaves what stands behind it.
   *
   * @throws MalformedException if there is none
   */
  public static AuthCommand decode(ByteReader reader) throws MalformedException {
    int kind = reader.u8();
    return switch (kind) {
      case ENABLE -> new AuthCommand.Enable();
      case DISABLE -> new AuthCommand.Disable();
      case USER_ADD -> new AuthCommand.UserAdd(reader.text(), reader.text(), reader.bool());
      case USER_DELETE -> new AuthCommand.UserDelete(reader.text());
      case USER_CHANGE_PASSWORD -> new AuthCommand.UserChangePassword(reader.text(), reader.text());
      case USER_GRANT_ROLE -> new AuthCommand.UserGrantRole(reader.text(), reader.text());
      case USER_REVOKE_ROLE -> new AuthCommand.UserRevokeRole(reader.text(), reader.text());
      case ROLE_ADD -> new AuthCommand.RoleAdd(reader.text());
      case ROLE_DELETE -> new AuthCommand.RoleDelete(reader.text());
      case ROLE_GRANT -> new AuthCommand.RoleGrant(reader.text(), decodePermission(reader));
      case ROLE_REVOKE ->
          new AuthCommand.RoleRevoke(reader.text(), new KeyRange(reader.bytes(), reader.bytes()));
      case ADD_TOKEN -> new AuthCommand.AddToken(reader.text(), reader.text(), reader.varint());
      default -> throw new MalformedException("auth command: unknown kind " + kind);
    };
  }

  static void encode(Permission permission, ByteWriter writer) {
    writer.u8(permission.type().ordinal());
    writer.bytes(permission.keys().key()).bytes(permission.keys().end());
  }

  static Permission decodePermission(ByteReader reader) throws MalformedException {
    int type = reader.u8();
    if (type >= TYPES.length) {
      throw new MalformedException("permission: unknown type " + type);
    }
    return new Permission(TYPES[type], new KeyRange(reader.bytes(), reader.bytes()));
  }

  /** Writes who asks; a token must have been looked up before. */
  public static void encode(Credentials by, ByteWriter writer) {
    writer.u8(by.kind().ordinal());
    if (by.isUser()) {
      writer.text(by.name()).varint(by.revision());
    }
  }

  /** Reads what was written of who asks. */
  public static Credentials decodeCredentials(ByteReader reader) throws MalformedException {
    int kind = reader.u8();
    if (kind >= KINDS.length || KINDS[kind] == Credentials.Kind.TOKEN) {
      throw new MalformedException("credentials: unknown kind " + kind);
    }
    return switch (KINDS[kind]) {
      case NOBODY -> Credentials.NOBODY;
      case TRUSTED, TOKEN -> Credentials.TRUSTED;
      case USER, CLAIM -> new Credentials(KINDS[kind], reader.text(), reader.varint());
    };
  }
}
