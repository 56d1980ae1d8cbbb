package io.balsa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/**
 * The arrows of the house: who may import whom. An entry ending in two dots stands for a package
 * and all below it, one with a capital letter for a single class.
 */
class LayeringTest {
  private static final String ROOT = "io.balsa.";

  private static final JavaClasses BALSA = folderOf(Balsa.class);
  private static final JavaClasses TESTS = folderOf(LayeringTest.class);

  /** What each package may import of Balsa beside itself. The most specific entry counts. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          entry("Main", List.of("cli")),
          entry("StartedMember", List.of("client..", "config", "discovery", "verticle")),
          entry("Balsa", List.of("client")),
          entry("BalsaOptions", List.of("config")),
          entry("rxjava3..", List.of("client..", "rxjava3..", "Balsa", "BalsaOptions")),
          entry("junit5", List.of("client", "Balsa", "BalsaOptions")),
          entry("data", List.of()),
          entry("raft.message", List.of("data")),
          entry("raft..", List.of("data", "raft..")),
          entry("mvcc..", List.of("data", "mvcc..")),
          entry("storage..", List.of("data", "raft.message", "storage..")),
          entry("engine.request", List.of("data", "mvcc.auth", "mvcc.command")),
          entry("engine..", List.of("data", "raft..", "mvcc..", "storage..", "engine..")),
          entry("wire..", List.of("data", "raft.message", "wire..")),
          entry(
              "bus",
              List.of(
                  "data", "engine.request", "engine.ReplicaInput", "mvcc.auth", "mvcc.command")),
          entry("api", List.of("data", "bus", "engine.request", "mvcc.auth", "mvcc.command")),
          entry(
              "api.http",
              List.of("data", "bus", "engine.request", "mvcc.auth", "mvcc.command", "api")),
          entry(
              "api.etcd..",
              List.of(
                  "data",
                  "bus",
                  "engine.request",
                  "mvcc.auth",
                  "mvcc.command",
                  "api",
                  "api.etcd..")),
          entry(
              "api.eventbus",
              List.of("data", "bus", "engine.request", "mvcc.auth", "api", "client..")),
          entry(
              "client..",
              List.of(
                  "data", "bus", "engine.request", "mvcc.auth", "mvcc.command", "api", "client..")),
          entry(
              "verticle..",
              List.of(
                  "data",
                  "raft..",
                  "mvcc..",
                  "storage..",
                  "engine..",
                  "wire..",
                  "bus",
                  "api..",
                  "config",
                  "discovery",
                  "verticle..")),
          entry("migration", List.of("data", "api.etcd.proto..")),
          entry("discovery", List.of("data", "storage", "storage.file")),
          entry("config", List.of("data", "discovery.HazelcastOptions")),
          entry(
              "cli",
              List.of(
                  "data",
                  "config",
                  "discovery",
                  "storage..",
                  "engine.MemberInfo",
                  "engine.ReplicaOptions",
                  "migration",
                  "verticle..")));

  /** What the pure packages may import of Java. */
  private static final List<String> PURE_JAVA =
      List.of(
          "java.lang",
          "java.lang.invoke", // What the compiler makes of lambdas and records.
          "java.lang.runtime",
          "java.nio", // Buffers; files and channels are packages of their own.
          "java.util",
          "java.util.function",
          "java.util.random",
          "java.util.stream");

  private static final String[] PURE = {"io.balsa.data", "io.balsa.raft..", "io.balsa.mvcc.."};

  @Test
  void importsFollowTheArrows() {
    assertThat(
            BALSA.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(arrow -> target(arrow).getName().startsWith(ROOT))
                .filter(arrow -> !isAllowed(arrow.getOriginClass(), target(arrow)))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @Test
  void thePurePackagesUseNothingButPlainJava() {
    assertThat(
            BALSA.stream()
                .filter(type -> matches(type, "raft..") || matches(type, "mvcc.."))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(arrow -> !target(arrow).isPrimitive())
                .filter(arrow -> !target(arrow).getName().startsWith(ROOT))
                .filter(arrow -> !isPureJava(target(arrow)))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @Test
  void thePurePackagesHaveNoClockThreadOrRandomnessOfTheirOwn() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class, Timer.class)
        .allowEmptyShould(true)
        .check(BALSA);
  }

  @Test
  void dataNeedsNothingButJava() {
    classes()
        .that()
        .resideInAPackage("io.balsa.data")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "io.balsa.data")
        .check(BALSA);
  }

  @Test
  void onlyTheShellsKnowVertx() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.balsa.bus..",
            "io.balsa.wire.proto..",
            "io.balsa.api..",
            "io.balsa.discovery..",
            "io.balsa.migration..",
            "io.balsa.verticle..",
            "io.balsa.cli..",
            "io.balsa.client..",
            "io.balsa.rxjava3..",
            "io.balsa.junit5",
            "io.balsa")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..")
        .allowEmptyShould(true)
        .check(BALSA);
  }

  @Test
  void thereAreNoCycles() {
    slices()
        .assignedFrom(new Parts())
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(BALSA);
  }

  /** The parts of the house; each API is one of its own, and what they share is another. */
  private static final class Parts implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String[] names = type.getPackageName().split("\\.");
      if (names.length < 3) {
        return SliceIdentifier.ignore();
      }
      return names[2].equals("api") && names.length > 3
          ? SliceIdentifier.of(names[2], names[3])
          : SliceIdentifier.of(names[2]);
    }

    @Override
    public String getDescription() {
      return "the parts of the house";
    }
  }

  @Test
  void noTestIsSwitchedOffAndNobodySleeps() {
    ArchRule rule =
        noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Disabled.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(TimeUnit.class, "sleep", long.class)
            .allowEmptyShould(true);
    rule.check(BALSA);
    rule.check(TESTS.that(isNot(LayeringTest.class)));
  }

  /** All that was compiled together with this; looking through the class path takes longer. */
  private static JavaClasses folderOf(Class<?> type) {
    return new ClassFileImporter()
        .importUrl(type.getProtectionDomain().getCodeSource().getLocation());
  }

  private static DescribedPredicate<JavaClass> isNot(Class<?> type) {
    return DescribedPredicate.describe(
        "are not " + type.getSimpleName(), each -> !each.isEquivalentTo(type));
  }

  private static JavaClass target(Dependency arrow) {
    return arrow.getTargetClass().getBaseComponentType();
  }

  private static boolean isAllowed(JavaClass from, JavaClass to) {
    if (from.getPackageName().equals(to.getPackageName())) {
      return true;
    }
    String entry =
        ARROWS.keySet().stream()
            .filter(each -> matches(from, each))
            .max(Comparator.comparingInt(each -> each.replace("..", "").length()))
            .orElse(null);
    return entry != null && ARROWS.get(entry).stream().anyMatch(each -> matches(to, each));
  }

  private static boolean matches(JavaClass type, String entry) {
    if (entry.endsWith("..")) {
      String top = ROOT + entry.substring(0, entry.length() - 2);
      return type.getPackageName().equals(top) || type.getPackageName().startsWith(top + ".");
    }
    String name = ROOT + entry;
    return type.getPackageName().equals(name)
        || type.getName().equals(name)
        || type.getName().startsWith(name + "$");
  }

  private static boolean isPureJava(JavaClass type) {
    return PURE_JAVA.contains(type.getPackageName()) || PURE_JAVA.contains(type.getName());
  }
}
