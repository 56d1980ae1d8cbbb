package io.balsa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of the house: who may import whom. */
class LayeringTest {
  private static final JavaClasses BALSA =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.balsa");

  @Test
  void dataImportsNothingOfBalsa() {
    classes()
        .that()
        .resideInAPackage("io.balsa.data")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "io.balsa.data")
        .check(BALSA);
  }

  @Test
  void theConsensusCoreIsPure() {
    classes()
        .that()
        .resideInAPackage("io.balsa.raft..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.util",
            "java.util.function",
            "java.util.random",
            "java.util.stream",
            "io.balsa.data",
            "io.balsa.raft..")
        .check(BALSA);
  }

  @Test
  void theStateMachineIsPure() {
    classes()
        .that()
        .resideInAPackage("io.balsa.mvcc..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.nio",
            "java.lang..",
            "java.util",
            "java.util.function",
            "java.util.stream",
            "io.balsa.data",
            "io.balsa.mvcc..")
        .check(BALSA);
  }

  @Test
  void noPureClassReadsTheClock() {
    noClasses()
        .that()
        .resideInAnyPackage("io.balsa.data", "io.balsa.raft..", "io.balsa.mvcc..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .check(BALSA);
  }

  @Test
  void theEngineKnowsNoVertx() {
    noClasses()
        .that()
        .resideInAPackage("io.balsa.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..", "io.balsa.bus..")
        .check(BALSA);
  }

  @Test
  void theBusKnowsOnlyWhatTravelsOnIt() {
    classes()
        .that()
        .resideInAPackage("io.balsa.bus")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "io.vertx..", "io.balsa.bus", "io.balsa.engine..", "io.balsa.mvcc.command")
        .check(BALSA);
  }
}
