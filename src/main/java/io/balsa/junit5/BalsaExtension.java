package io.balsa.junit5;

import io.balsa.client.BalsaClient;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test that asks for a {@link BalsaEndpoint}, or for a {@link BalsaClient} of it, a cluster
 * of one member that is empty: a key-value store of its own, for Balsa's clients and for etcd's.
 *
 * <pre>{@code
 * @ExtendWith(BalsaExtension.class)
 * class RegistryTest {
 *   @Test
 *   void registers(BalsaEndpoint balsa) {
 *     Registry registry = new Registry(balsa.url());
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>It ends with the test, its data with it. Where {@code @BeforeEach} and the test both ask, they
 * get the same; where {@code @BeforeAll} or the constructor asks, all tests of the class share it.
 * Tests may run in parallel.
 */
public final class BalsaExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(BalsaExtension.class);

  /** Public, as JUnit needs it. */
  public BalsaExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == BalsaEndpoint.class || type == BalsaClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Vertx vertx =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(SharedVertx.class, type -> new SharedVertx(), SharedVertx.class)
            .vertx;
    BalsaEndpoint endpoint =
        context
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(
                BalsaEndpoint.class, type -> BalsaEndpoint.start(vertx), BalsaEndpoint.class);
    return parameter.getParameter().getType() == BalsaClient.class ? endpoint.client() : endpoint;
  }

  /** One for all tests of a run: it takes most of the time of a first start. */
  private static final class SharedVertx implements Store.CloseableResource {
    private final Vertx vertx = Vertx.vertx();

    @Override
    public void close() {
      BalsaEndpoint.await(vertx.close());
    }
  }
}
