package io.balsa.jetcd;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.Watch;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Remembers which methods of jetcd's interfaces were called, on clients that it wraps. */
final class Recorder {
  private static final List<Class<?>> INTERFACES =
      List.of(
          Client.class,
          KV.class,
          Txn.class,
          Watch.class,
          Watch.Watcher.class,
          Lease.class,
          Lock.class,
          Election.class,
          Cluster.class,
          Maintenance.class,
          Auth.class);

  private final Set<String> called = ConcurrentHashMap.newKeySet();

  Client record(Client client) {
    return (Client) wrap(Client.class, client);
  }

  /** The methods that nobody has called so far. */
  Set<String> missing() {
    Set<String> missing = new TreeSet<>();
    for (Class<?> type : INTERFACES) {
      for (Method method : type.getMethods()) {
        if (!Modifier.isStatic(method.getModifiers())) {
          missing.add(name(type, method));
        }
      }
    }
    missing.removeAll(called);
    return missing;
  }

  private Object wrap(Class<?> type, Object target) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          called.add(name(type, method));
          Object result = invoke(target, method, arguments);
          return INTERFACES.contains(method.getReturnType())
              ? wrap(method.getReturnType(), result)
              : result;
        });
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String name(Class<?> type, Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(
            Collectors.joining(", ", type.getSimpleName() + "." + method.getName() + "(", ")"));
  }
}
