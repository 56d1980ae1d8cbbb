package io.balsa.jetcd;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.Observers;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What no proxy can record: jetcd's builders and static methods. That this package calls one of
 * them is read from its byte code.
 */
final class Builders {
  /** With methods that begin or change something. */
  private static final List<Class<?>> BUILDERS =
      List.of(
          ClientBuilder.class,
          GetOption.Builder.class,
          PutOption.Builder.class,
          DeleteOption.Builder.class,
          TxnOption.Builder.class,
          CompactOption.Builder.class,
          WatchOption.Builder.class,
          LeaseOption.Builder.class,
          Observers.Builder.class);

  /** Only their static methods: what they tell of themselves is for jetcd. */
  private static final List<Class<?>> FACTORIES =
      List.of(
          Client.class,
          Watch.class,
          Op.class,
          CmpTarget.class,
          GetOption.class,
          PutOption.class,
          DeleteOption.class,
          TxnOption.class,
          CompactOption.class,
          WatchOption.class,
          LeaseOption.class,
          Observers.class);

  private Builders() {}

  /** The methods that nobody calls here, but for those that jetcd calls deprecated. */
  static Set<String> missing() {
    JavaClasses here =
        ArchConfiguration.withThreadLocalScope(
            configuration -> {
              // Names are all that is asked for.
              configuration.setResolveMissingDependenciesFromClassPath(false);
              return new ClassFileImporter().importPackages("io.balsa.jetcd");
            });
    Set<String> called =
        here.stream()
            .flatMap(each -> each.getMethodCallsFromSelf().stream())
            .map(call -> call.getTarget().getFullName())
            .collect(Collectors.toSet());
    Set<String> missing = new TreeSet<>();
    Stream.concat(
            BUILDERS.stream().flatMap(Builders::methods),
            FACTORIES.stream()
                .flatMap(Builders::methods)
                .filter(method -> Modifier.isStatic(method.getModifiers())))
        .map(Builders::fullName)
        .filter(name -> !called.contains(name))
        .forEach(missing::add);
    return missing;
  }

  private static Stream<Method> methods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> !method.isSynthetic() && !method.isAnnotationPresent(Deprecated.class));
  }

  private static String fullName(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getName)
        .collect(
            Collectors.joining(
                ", ", method.getDeclaringClass().getName() + "." + method.getName() + "(", ")"));
  }
}
