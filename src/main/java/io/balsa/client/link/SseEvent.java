package io.balsa.client.link;

import io.vertx.core.buffer.Buffer;

/**
 * One server-sent event.
 *
 * @param id null where it carries none
 * @param type {@code message} where it says nothing else
 * @param data its lines of data with line feeds between them
 */
record SseEvent(String id, String type, Buffer data) {}
