package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// What the `@BeforeAll` methods of a class start for all its tests. The supervisor hangs on a
/// process that lives until the last test has ended, because the thread of the methods may run
/// tests or end in between.
final class ClassLife extends Life {

    private static final Object END = new Object();

    private final String id;
    private final Pid holder;
    private final Pid supervisor;

    /// The process that holds the supervisor, and those of the threads that ran the methods.
    private final Set<Pid> roots = ConcurrentHashMap.newKeySet();

    /// What the tests of the class and the classes inside it that run at this moment have declared.
    private final List<ExpectedCrash> expectedInside = new CopyOnWriteArrayList<>();

    /// How many tests of the class and classes inside it run. Guarded.
    private int inside;

    /// The dead letters that came before one of those began. Guarded.
    private final List<DeadLetter> lost = new ArrayList<>();

    private ClassLife(
            String id, @Nullable ClassLife outer, Node node, boolean ownsNode, Settings settings) {
        super(node, ownsNode, outer, settings, STOP_LIMIT);
        this.id = id;
        CompletableFuture<Pid> started = new CompletableFuture<>();
        this.holder = node.call(() -> ProcLib.spawn("tests of a class", () -> hold(started)));
        addRoot(holder);
        this.supervisor = started.join();
    }

    /// Starts the supervisor of a class.
    ///
    /// @param id the class's id for JUnit
    /// @param outer what an enclosing class has started, whose node is then used; or null
    static ClassLife begin(String id, @Nullable ClassLife outer, Settings settings) {
        boolean own = outer == null && !settings.sharedNode();
        Node node = own ? Node.start() : outer == null ? Node.defaultNode() : outer.node;
        return new ClassLife(id, outer, node, own, settings);
    }

    private static void hold(CompletableFuture<Pid> started) {
        started.complete(startSupervisor());
        Processes.receive(message -> message == END ? END : null);
    }

    /// Returns whether this is the life of the class with an id.
    boolean isOf(String wanted) {
        return id.equals(wanted);
    }

    /// Makes the current thread a process that may use the supervisor, until it is closed.
    Attachment enter() {
        Attachment attachment = node.<Attachment, RuntimeException>call(Processes::attach);
        addRoot(attachment.pid());
        return attachment;
    }

    private void addRoot(Pid process) {
        roots.add(process);
        values.allow(process);
    }

    @Override
    Set<Pid> roots() {
        return roots;
    }

    @Override
    Pid supervisor() {
        return supervisor;
    }

    @Override
    void checkCaller() {
        if (hasEnded() || !Processes.isProcess() || !roots.contains(Processes.self())) {
            throw new IllegalStateException(
                    "expected the TestSupervisor of a class to be used by its @BeforeAll and"
                            + " @AfterAll methods, got: a use by "
                            + TestLife.caller()
                            + "; take the TestSupervisor of the test as a parameter");
        }
    }

    /// Returns this class and those around it that have started something, from the inside out.
    List<ClassLife> withOuter() {
        List<ClassLife> all = new ArrayList<>(List.of(this));
        all.addAll(around);
        return all;
    }

    /// Records what a test of the class, or a class inside it, has declared. Any thread.
    void expectInside(ExpectedCrash crash) {
        expectedInside.add(crash);
    }

    /// Records that a test of the class, or a class inside it, begins. Dead letters that come while
    /// one of them runs count for that one only. Any thread.
    void innerBegins() {
        awaitDeadLetters();
        synchronized (this) {
            if (inside++ == 0) {
                lost.addAll(super.deadLetters());
            }
        }
    }

    /// Records that a test of the class, or a class inside it, has ended. Any thread.
    void innerEnded(Life inner) {
        expectedInside.removeAll(inner.expected());
        awaitDeadLetters();
        synchronized (this) {
            if (--inside == 0) {
                deadLettersBefore = records.deadLetterCount();
            }
        }
    }

    @Override
    synchronized List<DeadLetter> deadLetters() {
        List<DeadLetter> all = new ArrayList<>(lost);
        all.addAll(super.deadLetters());
        return all;
    }

    /// Returns whether what the class has started has logged a line, or nobody knows who has. Any
    /// thread.
    boolean hasLogged(@Nullable Started process) {
        return process == null ? ownsNode : process.isFrom(roots);
    }

    /// Also called by each test of the class that ends. If several do at the same time, the lock
    /// has each of them see which declarations the others have found fulfilled.
    @Override
    synchronized List<CrashReport> takeUncovered() {
        List<CrashReport> crashes =
                records.takeCrashes(process ->
                        process != null && process.isFrom(roots)); // the tests took their own
        List<ExpectedCrash> all = new ArrayList<>(expected());
        all.addAll(expectedInside);
        return uncovered(crashes, all);
    }

    @Override
    void endProcesses(Problems problems) {
        Processes.exit(holder, ExitReason.SHUTDOWN);
        problems.run(() -> CleanUp.await(node, supervisor, stopLimit));
    }
}
