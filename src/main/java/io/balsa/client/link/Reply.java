package io.balsa.client.link;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** A whole answer. */
record Reply(int status, MultiMap headers, Buffer body) {}
