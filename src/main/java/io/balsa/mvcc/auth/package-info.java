/**
 * Who may do what: users, roles, permissions on ranges of keys, and whether they are enforced, as
 * etcd 3.4 has them.
 *
 * <p>Pure and single-threaded, a sibling of the store: the state machine holds one {@link
 * io.balsa.mvcc.auth.Auth} beside the one {@link io.balsa.mvcc.Store}, and applies {@link
 * io.balsa.mvcc.auth.AuthCommand}s in the order of the log. What is asked is judged by {@link
 * io.balsa.mvcc.auth.Access}, against the state at the time when it is applied or served: a
 * permission that was taken away holds for nothing that comes behind in the log.
 *
 * <p>Passwords are hashed and checked outside, and so are tokens made: the state only knows hashes,
 * and from which auth revision on the tokens of a user are good.
 *
 * <p>Where etcd 3.4 lets pass what it should not, the stricter rule of later versions holds:
 * transactions inside of transactions, and what a put in a transaction asks for beside its key, are
 * judged like others; a change of permissions ends open watches.
 */
package io.balsa.mvcc.auth;
