package io.balsa.verticle;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Takes the scheme off an {@code :authority} of HTTP/2. It must not be there, and Vert.x ends such
 * a stream before anybody sees it; but etcdctl sends the URL of an endpoint there whenever it talks
 * to just that one ({@code endpoint status}, {@code defrag}), and etcd does not mind.
 */
final class AuthorityRepair extends Http2FrameListenerDecorator {
  private static final String MARK = "://";

  private AuthorityRepair(Http2FrameListener listener) {
    super(listener);
  }

  /** To be called when the connection is new, before it has brought a request. */
  static void install(HttpConnection connection) {
    ChannelHandler handler = ((ConnectionBase) connection).channelHandlerContext().handler();
    if (handler instanceof Http2ConnectionHandler http2) {
      http2.decoder().frameListener(new AuthorityRepair(http2.decoder().frameListener()));
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    repair(headers);
    super.onHeadersRead(context, stream, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    repair(headers);
    super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
  }

  private static void repair(Http2Headers headers) {
    CharSequence authority = headers.authority();
    if (authority != null) {
      String text = authority.toString();
      int mark = text.indexOf(MARK);
      if (mark >= 0) {
        headers.authority(text.substring(mark + MARK.length()));
      }
    }
  }
}
