package io.genserver;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Checks that the dependencies between the modules go one way.
class ArchitectureTest {

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.genserver");

    @Test
    void arrows_point_at_the_api() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("api")
                .definedBy("io.genserver", "io.genserver.spi", "io.genserver.spi.distribution")
                .layer("runtime")
                .definedBy("io.genserver.runtime")
                .layer("supervisor")
                .definedBy("io.genserver.supervisor")
                .layer("simulation")
                .definedBy("io.genserver.simulation")
                .layer("test")
                .definedBy("io.genserver.test")
                .whereLayer("runtime")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("test")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("simulation")
                .mayOnlyBeAccessedByLayers("test")
                .whereLayer("supervisor")
                .mayOnlyBeAccessedByLayers("test")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("runtime", "supervisor", "simulation", "test")
                .check(PRODUCT);
    }

    /// The parts of the supervisor module, which are one package; see docs/decisions/modules.md.
    private static final Map<String, String> PARTS =
            Map.of(
                    "tasks",
                    "Task.*|AsyncStream|StreamOptions|Retry.*",
                    "applications",
                    "Application.*|Configuration|Setting",
                    "registries",
                    "ProcessRegistry|Registry.*|Registration",
                    "partitions",
                    "PartitionSupervisor");

    @Test
    void the_parts_of_the_supervisor_module_depend_on_each_other_one_way() {
        SliceAssignment parts =
                new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        if (!type.getPackageName().equals("io.genserver.supervisor")) {
                            return SliceIdentifier.ignore();
                        }
                        String name = outermost(type).getSimpleName();
                        return SliceIdentifier.of(
                                PARTS.entrySet().stream()
                                        .filter(part -> name.matches(part.getValue()))
                                        .map(Map.Entry::getKey)
                                        .findFirst()
                                        .orElse("supervisors"));
                    }

                    @Override
                    public String getDescription() {
                        return "the parts of the supervisor module";
                    }
                };

        slices().assignedFrom(parts).should().beFreeOfCycles().check(PRODUCT);
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    /// `docs/compatibility.md` has a table of what is experimental, each as the first code of a
    /// row.
    @Test
    void what_is_experimental_is_in_the_table_of_the_document() throws IOException {
        Set<String> listed =
                Files.readString(Path.of("../../docs/compatibility.md"))
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.matches("\\| (?:package )?`io\\.genserver\\..*"))
                        .map(line -> line.replaceFirst("[^`]*`([^`]*)`.*", "$1"))
                        .collect(Collectors.toSet());

        assertThat(
                        PRODUCT.stream()
                                .filter(type -> type.isAnnotatedWith(Experimental.class))
                                .map(type -> type.getName().replace(".package-info", "")))
                .containsExactlyInAnyOrderElementsOf(listed);
    }

    /// The package `io.genserver.spi` is experimental, so the rest of the API must not show it.
    @Test
    void no_public_method_shows_the_interface_between_the_api_and_a_runtime() {
        assertThat(
                        PRODUCT.stream()
                                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                                .filter(type -> !isOfTheSpi(type))
                                .filter(type -> !type.getPackageName().endsWith(".runtime"))
                                .flatMap(type -> type.getCodeUnits().stream())
                                .filter(ArchitectureTest::isVisible)
                                .filter(method ->
                                        method.getAllInvolvedRawTypes().stream()
                                                .anyMatch(ArchitectureTest::isOfTheSpi))
                                .map(JavaCodeUnit::getFullName))
                .isEmpty();
    }

    private static boolean isOfTheSpi(JavaClass type) {
        return type.getPackageName().startsWith("io.genserver.spi");
    }

    private static boolean isVisible(JavaCodeUnit method) {
        return method.getModifiers().contains(JavaModifier.PUBLIC)
                || method.getModifiers().contains(JavaModifier.PROTECTED);
    }

    @Test
    void the_runtime_shows_its_providers_only() {
        classes()
                .that()
                .resideInAPackage("io.genserver.runtime")
                .and()
                .areTopLevelClasses()
                .and()
                .doNotHaveSimpleName("LocalRuntime")
                .and()
                .doNotHaveSimpleName("ProcessContextData")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .notBePublic()
                .check(PRODUCT);
    }

    /// The rooms of the runtime, the lowest first. A class that is in no room fails the test.
    private static final List<Set<String>> ROOMS =
            List.of(
                    Set.of(
                            "Access",
                            "AdaptiveSpin",
                            "CauseChain",
                            "Clock",
                            "Fairness",
                            "Few",
                            "MemoryWatch",
                            "PeriodicSweep",
                            "Reasons",
                            "SharedTimer",
                            "Reports",
                            "ReportText",
                            "SafeText",
                            "StackRoom",
                            "Threads",
                            "TimerWheel",
                            "TimeUnits"),
                    Set.of(
                            "Admission",
                            "Alias",
                            "Ancestry",
                            "AttachedProcess",
                            "BoundedMailbox",
                            "CallCycles",
                            "CallDeadline",
                            "Context",
                            "CrashLog",
                            "DeadLetterOffice",
                            "DeferredRequests",
                            "Dictionary",
                            "Envelope",
                            "EventLog",
                            "ExitFuture",
                            "ExitListener",
                            "ExportedProcess",
                            "FlightEvents",
                            "FlightRecording",
                            "Healer",
                            "LifeCycle",
                            "Listeners",
                            "LocalNode",
                            "LocalPid",
                            "LocalProcess",
                            "Log4j",
                            "Logback",
                            "LogContext",
                            "LogEntries",
                            "LogLibrary",
                            "LongMailbox",
                            "Mailbox",
                            "MessageContext",
                            "MessageTimer",
                            "Monitor",
                            "NameTable",
                            "Origin",
                            "Ownership",
                            "PeriodicTimer",
                            "ProcessContextData",
                            "ProcessPid",
                            "ProcessTable",
                            "RegisteredCleanup",
                            "Relations",
                            "RemoteCalls",
                            "RemotePeer",
                            "RemotePid",
                            "RemoteProcess",
                            "RemoteRef",
                            "RemoteRequest",
                            "Remotes",
                            "ReplySlot",
                            "RequestWatch",
                            "RunQueue",
                            "Scheduled",
                            "SendingTimer",
                            "SpawnedProcess",
                            "Spawning",
                            "SureRun",
                            "Thrown",
                            "TravellingMailbox",
                            "TurnListeners",
                            "WatchedRequest",
                            "Ticker",
                            "Worker",
                            "Workers"),
                    Set.of(
                            "CallerRun",
                            "Callbacks",
                            "Debug",
                            "Initialization",
                            "Lending",
                            "LongTurn",
                            "RunMode",
                            "ServerCrash",
                            "ServerProcess",
                            "ServerStart",
                            "StartOptions",
                            "StateTimeouts",
                            "SystemMessages",
                            "TurnWatch"),
                    Set.of(
                            "CallFailures",
                            "CallGroup",
                            "FutureCall",
                            "LocalRuntime",
                            "MessageTimers",
                            "Requests",
                            "SentRequest"));

    @Test
    void arrows_between_the_rooms_of_the_runtime_point_down() {
        JavaClasses runtime = PRODUCT.that(resideInAPackage("io.genserver.runtime"));
        List<String> upwards = new ArrayList<>();
        for (JavaClass from : runtime) {
            if (from.getSimpleName().equals("package-info")) {
                continue;
            }
            int room = room(from);
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass().getBaseComponentType();
                if (to.getPackageName().equals("io.genserver.runtime") && room(to) > room) {
                    upwards.add(dependency.getDescription());
                }
            }
        }
        assertThat(upwards).isEmpty();
    }

    private static int room(JavaClass type) {
        String name = type.getName().substring(type.getPackageName().length() + 1);
        String outermost = name.replaceAll("[$].*", "");
        for (int room = 0; room < ROOMS.size(); room++) {
            if (ROOMS.get(room).contains(outermost)) {
                return room;
            }
        }
        throw new AssertionError("expected " + outermost + " to be in a room, got: none");
    }

    @Test
    void time_is_read_through_one_seam() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.genserver.runtime.Clock$1")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(PRODUCT);
    }
}
