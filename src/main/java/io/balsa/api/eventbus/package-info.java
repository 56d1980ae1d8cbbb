/**
 * The event-bus API of a member, for whoever is on the same event bus, in any language that it has:
 * the verticles of the same Vert.x or, where members serve a clustered event bus, every node of it.
 * Several members on one event bus must be of one cluster; they share the addresses and any of them
 * takes any request. All bodies are JSON objects and carry the fields of the HTTP API. Bytes are
 * text where they are UTF-8, else base64 (RFC 4648 §4) in the field of that name with {@code
 * Base64} behind it: {@code key} or {@code keyBase64}. Fields in brackets may be left out; a field
 * that is not known, missing or of another kind is refused, and then nothing has changed.
 *
 * <h2>balsa.kv: keys and leases</h2>
 *
 * A request with the header {@code op} and a body, answered with a body.
 *
 * <table>
 * <caption>Operations</caption>
 * <tr><th>{@code op}</th><th>body</th><th>answer</th></tr>
 * <tr><td>{@code put}</td><td>{@code key value [lease] [ifModRevision] [ifExists]}</td><td>{@code revision version}</td></tr>
 * <tr><td>{@code get}</td><td>{@code key [consistency] [revision]}</td><td>{@code found}, and if true {@code item}; a missing key is no failure</td></tr>
 * <tr><td>{@code delete}</td><td>{@code key [ifModRevision]}</td><td>{@code revision deleted}</td></tr>
 * <tr><td>{@code deletePrefix}</td><td>{@code prefix}, not empty</td><td>{@code revision deleted}</td></tr>
 * <tr><td>{@code range}</td><td>{@code [prefix] [limit] [after] [keysOnly] [consistency] [revision]}</td><td>{@code revision count items [next]}; {@code next} is the {@code after} of the next page</td></tr>
 * <tr><td>{@code txn}</td><td>{@code [compare] [then] [else]} as over HTTP</td><td>{@code revision succeeded results}</td></tr>
 * <tr><td>{@code leaseGrant}</td><td>{@code ttlSeconds}</td><td>{@code id ttlSeconds remainingSeconds}</td></tr>
 * <tr><td>{@code leaseKeepAlive}</td><td>{@code id}</td><td>{@code id ttlSeconds remainingSeconds}</td></tr>
 * <tr><td>{@code leaseRevoke}</td><td>{@code id}</td><td>an empty object</td></tr>
 * </table>
 *
 * <p>{@code consistency} is {@code linearizable} (the default) or {@code serializable}; ids are
 * lower-case hexadecimal; {@code limit} is 1 to 1,000, 100 by default. An item has {@code key value
 * createRevision modRevision version [lease]}. Further headers, both optional: {@code timeoutMs},
 * how long the member waits for the outcome, at most as long as it does by itself (7,000); the
 * request on the event bus should be given longer. {@code Idempotency-Key}, {@code
 * <session>-<sequence>} as in {@code 7f-1}, the id of a lease and a number from 1 that is another
 * one for each write under it: lets a put, a deletion or a transaction be sent again, to whichever
 * member, and take effect once.
 *
 * <h2>Failures</h2>
 *
 * A request that is not done fails with {@code RECIPIENT_FAILURE}. Its failure code is the status
 * that HTTP has for it, its message a JSON object in text: {@code kind}, a stable name for
 * programs; {@code detail}, the value found and the rule, for people; {@code outcome}, {@code
 * refused} if nothing has happened and nothing will, {@code unknown} if it may have happened or may
 * yet. No handlers: there is no member, and nothing has happened. A timeout on the event bus itself
 * leaves the outcome of a write unknown.
 *
 * <p>Where users are enforced, a request has the token of one, as etcd's API gave it out, in the
 * header {@code token}; also over the event bus of the member's own process. A watch that its user
 * may not see is refused, one that he may not see any more ends. A {@code BalsaClient} that was
 * made in the process of a member is trusted.
 *
 * <table>
 * <caption>Failure codes</caption>
 * <tr><th>code</th><th>kinds</th></tr>
 * <tr><td>400</td><td>{@code invalid duplicate-key future-revision}</td></tr>
 * <tr><td>401</td><td>{@code no-credentials token-invalid token-stale}</td></tr>
 * <tr><td>403</td><td>{@code permission-denied}</td></tr>
 * <tr><td>404</td><td>{@code lease-not-found}</td></tr>
 * <tr><td>409</td><td>{@code lease-exists conflict answer-forgotten}</td></tr>
 * <tr><td>410</td><td>{@code compacted}</td></tr>
 * <tr><td>412</td><td>{@code precondition-failed}</td></tr>
 * <tr><td>413</td><td>{@code too-large}: the values of a request, or the items of a page</td></tr>
 * <tr><td>422</td><td>{@code idempotency-key-reused}: for a request of another kind</td></tr>
 * <tr><td>429</td><td>{@code too-many-requests}: later it may fit</td></tr>
 * <tr><td>503</td><td>{@code no-leader stopping internal}: the outcome tells whether it was done</td></tr>
 * <tr><td>504</td><td>{@code timeout}: the outcome tells whether it may yet be done</td></tr>
 * <tr><td>507</td><td>{@code space-exceeded disk-full}</td></tr>
 * </table>
 *
 * <h2>balsa.watch: changes</h2>
 *
 * {@code op} {@code open} with {@code address [key] [prefix] [from] [previous]} opens a watch and
 * answers {@code watch}, its id, and {@code control}, an address that only this member has: {@code
 * op} {@code close} with {@code watch} goes there, and answers {@code closed}, false if it was not
 * open any more. {@code address} is the caller's own, does not begin with {@code balsa.}, and has
 * its consumer before the request is sent. The first events may overtake the answer.
 *
 * <p>Each event is sent to the address as a request, in the order of revisions, with the headers
 * {@code watch} and {@code event}. <b>The consumer replies, with anything, when it has taken the
 * event.</b> At most 32 events and about 256 KiB of changes are unanswered; more are sent as it
 * answers. A consumer that answers none for 10 s, leaves one unanswered for 60 s, or answers with a
 * failure is cut off.
 *
 * <table>
 * <caption>Events</caption>
 * <tr><th>{@code event}</th><th>body</th><th></th></tr>
 * <tr><td>{@code change}</td><td>{@code revision changes}, each {@code type}, {@code put} or {@code delete}, with the item and {@code [previous]}</td><td>all changes of one revision</td></tr>
 * <tr><td>{@code progress}</td><td>{@code revision}</td><td>every change up to it has been sent</td></tr>
 * <tr><td>{@code alive}</td><td>empty</td><td>there was nothing to tell for 10 s</td></tr>
 * <tr><td>{@code compacted}</td><td>{@code compactRevision}</td><td>the changes that come next are compacted; the last event</td></tr>
 * <tr><td>{@code slow}</td><td>{@code resumeFrom}</td><td>cut off; the last event</td></tr>
 * <tr><td>{@code ended}</td><td>{@code reason [status kind]}</td><td>the member stops, or with {@code status} the user may not see the keys any more; the last event</td></tr>
 * </table>
 *
 * <p>The last event is not a request and needs no reply. A watch goes on without gap or repeat, at
 * any member, with {@code from} one above the revision of the last {@code change} or {@code
 * progress} that was taken. {@code resumeFrom} is one above the revision up to which all was
 * answered: the consumer may have taken more. Who hears nothing for 30 s should do the same, its
 * member is gone. A watch whose consumer is gone is freed when the next event finds nobody.
 *
 * <h2>balsa.status: who leads</h2>
 *
 * Each member publishes what it sees when the leader or the term is another one, and once when it
 * starts: {@code clusterId}, {@code member} and {@code leader}, each with {@code id} and {@code
 * name}, and {@code term}. {@code leader} is null for none known; its name is empty while the
 * member does not know it.
 *
 * <h2>The code</h2>
 *
 * Start with {@link io.balsa.api.eventbus.EventBusApi}. A request is read by {@code Bodies} into
 * the values of a client and handed to a {@link io.balsa.client.link.LocalLink}; {@code
 * WatchDelivery} has what a watch needs beyond that.
 */
package io.balsa.api.eventbus;
