package io.balsa.mvcc.auth;

import io.balsa.data.Bytes;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.auth.Permission.Type;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.List;

/**
 * Judges what is asked of keys and leases, by the state as it is now.
 *
 * @param store tells which keys are attached to a lease
 */
public record Access(Auth auth, Store store) {
  /** Why a command must not be applied, or null. */
  public AuthFault check(Credentials by, Command command) {
    if (command instanceof Command.Write write) {
      return check(by, write.op());
    }
    if (command instanceof Command.WriteOnce write) {
      return check(by, write.op());
    }
    return command instanceof Command.LeaseRevoke revoke ? checkRevoke(by, revoke.id()) : null;
  }

  /** Why an operation must not be done, or null. */
  public AuthFault check(Credentials by, Op op) {
    if (op instanceof Op.Range range) {
      return auth.check(by, range.keys(), Type.READ);
    }
    if (op instanceof Op.Put put) {
      return checkPut(by, put);
    }
    if (op instanceof Op.DeleteRange delete) {
      AuthFault fault = auth.check(by, delete.keys(), Type.WRITE);
      return fault == null && delete.previous() ? auth.check(by, delete.keys(), Type.READ) : fault;
    }
    return checkTxn(by, (Op.Txn) op);
  }

  private AuthFault checkPut(Credentials by, Op.Put put) {
    KeyRange key = KeyRange.of(put.key());
    AuthFault fault = auth.check(by, key, Type.WRITE);
    if (fault == null) {
      fault = checkRevoke(by, put.lease()); // Who puts on a lease has a say in when it ends.
    }
    return fault == null && put.previous() ? auth.check(by, key, Type.READ) : fault;
  }

  /** Of all paths, whichever will be taken. */
  private AuthFault checkTxn(Credentials by, Op.Txn txn) {
    for (Compare compare : txn.compares()) {
      AuthFault fault = auth.check(by, compare.keys(), Type.READ);
      if (fault != null) {
        return fault;
      }
    }
    for (List<Op> path : List.of(txn.then(), txn.otherwise())) {
      for (Op op : path) {
        AuthFault fault = check(by, op);
        if (fault != null) {
          return fault;
        }
      }
    }
    return null;
  }

  /** Why a lease must not be ended, or null: its keys would be deleted. */
  private AuthFault checkRevoke(Credentials by, long lease) {
    return lease == 0 ? null : checkKeys(by, lease, Type.WRITE);
  }

  /** Why the keys of a lease must not be told, or null. */
  public AuthFault checkLook(Credentials by, long lease) {
    return checkKeys(by, lease, Type.READ);
  }

  private AuthFault checkKeys(Credentials by, long lease, Type wanted) {
    for (Bytes key : store.leaseKeys(lease)) {
      AuthFault fault = auth.check(by, KeyRange.of(key), wanted);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /** Why a watch must not be opened, or null. */
  public AuthFault checkWatch(Credentials by, KeyRange keys) {
    return auth.check(by, keys, Type.READ);
  }

  /**
   * Why an open watch must not go on, or null. The token that opened it may be old: what its user
   * may do now is what counts.
   */
  public AuthFault checkOpenWatch(Credentials by, KeyRange keys) {
    if (!auth.isEnabled() || by.kind() == Credentials.Kind.TRUSTED) {
      return null;
    }
    if (!by.isUser()) {
      return AuthFault.NO_CREDENTIALS;
    }
    return auth.isGranted(by.name(), keys, Type.READ) ? null : AuthFault.PERMISSION_DENIED;
  }
}
