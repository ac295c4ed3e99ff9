package io.genserver.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.Task;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ThreadLocalsCarrierTest {

    /// The user of a request, held as Spring Security holds it: in an object whose fields change,
    /// which is made when somebody asks for it.
    private static final class Security {
        private static final ThreadLocal<@Nullable Security> HOLDER = new ThreadLocal<>();

        private @Nullable String user;

        static Security context() {
            Security mine = HOLDER.get();
            if (mine == null) {
                mine = new Security();
                HOLDER.set(mine);
            }
            return mine;
        }

        static @Nullable String user() {
            return context().user;
        }

        static void logIn(@Nullable String user) {
            Security context = new Security();
            context.user = user;
            HOLDER.set(context);
        }
    }

    private static final class SecurityAccessor implements ThreadLocalAccessor<Security> {
        @Override
        public Object key() {
            return "security";
        }

        @Override
        public @Nullable Security getValue() {
            Security context = Security.context();
            return context.user == null ? null : context;
        }

        @Override
        public void setValue(Security value) {
            Security.HOLDER.set(value);
        }

        @Override
        public void setValue() {
            Security.HOLDER.remove();
        }
    }

    /// A value that is set by opening a scope and unset by closing it, as the current observation
    /// is. A scope that is closed in the wrong order is a fault.
    private static final class Scopes implements ThreadLocalAccessor<String> {
        private record Scope(@Nullable String value, @Nullable Scope outer) {}

        private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

        @Override
        public Object key() {
            return "scopes";
        }

        @Override
        public @Nullable String getValue() {
            Scope scope = CURRENT.get();
            return scope == null ? null : scope.value;
        }

        @Override
        public void setValue(String value) {
            CURRENT.set(new Scope(value, CURRENT.get()));
        }

        @Override
        public void setValue() {
            CURRENT.set(new Scope(null, CURRENT.get()));
        }

        @Override
        public void restore(String previous) {
            restore();
            assertThat(getValue()).isEqualTo(previous);
        }

        @Override
        public void restore() {
            CURRENT.set(Objects.requireNonNull(CURRENT.get(), "an open scope").outer());
        }

        static int depth() {
            int depth = 0;
            for (Scope scope = CURRENT.get(); scope != null; scope = scope.outer) {
                depth++;
            }
            return depth;
        }
    }

    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();
    private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    /// What a test has a server do.
    interface Work {
        @Nullable Object run() throws Exception;
    }

    /// Runs the work that it is sent. What it is cast or told returns an action.
    static final class Doer implements GenServer<Work, Object, Work, Work> {
        @Override
        public Init<Object> init(Work work) throws Exception {
            return work.run() instanceof Action action ? Init.ok("", action) : Init.ok("");
        }

        @Override
        public CallResult<Object> handleCall(Work work, From from, Object state) throws Exception {
            return CallResult.replyUntyped(work.run(), state);
        }

        @Override
        public CastResult<Object> handleCast(Work work, Object state) throws Exception {
            return after(work, state);
        }

        @Override
        public CastResult<Object> handleInfo(Object message, Object state) throws Exception {
            return after((Work) message, state);
        }

        @Override
        public CastResult<Object> handleContinue(Object message, Object state) throws Exception {
            return after((Work) message, state);
        }

        private static CastResult<Object> after(Work work, Object state) throws Exception {
            return work.run() instanceof Action action
                    ? CastResult.noreply(state, action)
                    : CastResult.noreply(state);
        }
    }

    /// The kinds of servers, because their turns run on different threads.
    enum Kind {
        ORDINARY,
        NON_BLOCKING,
        OWN_THREAD,
        PLATFORM_THREAD;

        Pid start(Work init) {
            StartOption[] options =
                    switch (this) {
                        case ORDINARY -> new StartOption[0];
                        case NON_BLOCKING -> new StartOption[] {StartOption.nonBlocking()};
                        case OWN_THREAD -> new StartOption[] {StartOption.ownThread()};
                        case PLATFORM_THREAD -> new StartOption[] {StartOption.platformThread()};
                    };
            Pid server = GenServer.start(Doer::new, init, options).pid();
            STARTED.add(server);
            return server;
        }

        Pid start() {
            return start(() -> "");
        }
    }

    private static final Queue<Pid> STARTED = new ConcurrentLinkedQueue<>();

    private static @Nullable Object ask(Pid server, Work work) {
        return GenServer.callUntyped(server, work);
    }

    /// Runs a function on a new platform thread.
    private static <T extends @Nullable Object> T outside(Callable<T> what) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> {
                    try {
                        result.complete(what.call());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    }
                });
        return result.join();
    }

    private static final class Report<T extends @Nullable Object> {
        private final CompletableFuture<T> seen = new CompletableFuture<>();
        private final Supplier<T> look;

        Report(Supplier<T> look) {
            this.look = look;
        }

        Object send() {
            return seen.complete(look.get());
        }

        T get() throws Exception {
            return seen.get(30, TimeUnit.SECONDS);
        }
    }

    private static Report<@Nullable String> user() {
        return new Report<>(Security::user);
    }

    private static final Scopes SCOPES = new Scopes();

    /// The accessors stay for all tests, because a turn may leave its context after the test: its
    /// reply goes out before. What it has set could not be taken back without them.
    @BeforeAll
    static void register() {
        ContextRegistry.getInstance()
                .registerThreadLocalAccessor(new SecurityAccessor())
                .registerThreadLocalAccessor("tenant", TENANT)
                .registerThreadLocalAccessor(SCOPES);
    }

    @AfterAll
    static void unregister() {
        for (String key : List.of("security", "tenant", "scopes")) {
            ContextRegistry.getInstance().removeThreadLocalAccessor(key);
        }
    }

    @AfterEach
    void clear() {
        STARTED.forEach(pid -> Processes.exit(pid, io.genserver.ExitReason.KILL));
        STARTED.clear();
        Security.HOLDER.remove();
        TENANT.remove();
        Scopes.CURRENT.remove();
        INHERITED.remove();
    }

    // The carrier alone

    @Test
    void nothing_is_captured_while_nothing_is_set() {
        ThreadLocalsCarrier carrier = new ThreadLocalsCarrier();

        assertThat(carrier.capture()).isNull();
        assertThat(carrier.enter(null)).isNull();
        Security.logIn("ada");
        assertThat(carrier.capture()).isNotNull();
        carrier.leave(null);
        assertThat(carrier.capture()).isNull();
    }

    @Test
    void scopes_are_closed_in_order() {
        ThreadLocalsCarrier carrier = new ThreadLocalsCarrier();
        SCOPES.setValue("outer");
        Object outer = carrier.capture();
        SCOPES.setValue("inner");

        Object entered = carrier.enter(outer);
        assertThat(SCOPES.getValue()).isEqualTo("outer");
        carrier.leave(entered);
        assertThat(SCOPES.getValue()).isEqualTo("inner");
        assertThat(Scopes.depth()).isEqualTo(2);

        entered = carrier.enter(null);
        assertThat(SCOPES.getValue()).isNull();
        carrier.leave(entered);
        assertThat(Scopes.depth()).isEqualTo(2);
    }

    @Test
    void an_accessor_that_a_turn_registers_is_empty_afterwards() {
        ThreadLocalsCarrier carrier = new ThreadLocalsCarrier();
        ThreadLocal<String> late = new ThreadLocal<>();
        TENANT.set("blue");
        Object entered = carrier.enter(null);
        ContextRegistry.getInstance().registerThreadLocalAccessor("late", late);
        try {
            late.set("left behind");
            carrier.leave(entered);
            assertThat(late.get()).isNull();
            assertThat(TENANT.get()).isEqualTo("blue");
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("late");
        }
    }

    // What travels

    @ParameterizedTest
    @EnumSource(Kind.class)
    void the_context_comes_with_everything_that_is_sent(Kind kind) throws Exception {
        Pid server = kind.start();
        Security.logIn("ada");
        TENANT.set("blue");
        Work both = () -> Security.user() + TENANT.get();

        assertThat(ask(server, both)).isEqualTo("adablue");
        assertThat(
                        GenServer.sendRequestUntyped(server, both)
                                .receiveResponse(Duration.ofSeconds(30))
                                .reply())
                .isEqualTo("adablue");
        Report<@Nullable String> cast = user();
        GenServer.cast(server, (Work) cast::send);
        assertThat(cast.get()).isEqualTo("ada");
        Report<@Nullable String> told = user();
        Processes.send(server, (Work) told::send);
        assertThat(told.get()).isEqualTo("ada");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void it_goes_on_from_server_to_server(Kind kind) {
        Pid first = kind.start();
        Pid second = Kind.ORDINARY.start();
        Pid last = kind.start();
        Security.logIn("ada");

        assertThat(ask(first, () -> ask(second, () -> ask(last, Security::user)))).isEqualTo("ada");
    }

    @Test
    void it_comes_with_the_messages_of_timers() throws Exception {
        Pid server = Kind.ORDINARY.start();
        Security.logIn("ada");
        Report<@Nullable String> once = user();
        Processes.sendAfter(server, (Work) once::send, Duration.ofMillis(5));
        Queue<String> users = new ConcurrentLinkedQueue<>();
        Work note = () -> users.add(String.valueOf(Security.user()));
        Ref timer = Processes.sendEvery(server, note, Duration.ofMillis(2), Pace.FIXED_RATE);
        Security.logIn("bob");

        assertThat(once.get()).isEqualTo("ada");
        await().until(() -> users.size() >= 3);
        Processes.cancelTimer(timer);
        assertThat(users).containsOnly("ada");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void it_is_there_in_continuations_and_state_timeouts(Kind kind) throws Exception {
        Pid server = kind.start();
        Work ping = () -> "";
        List<Action> actions = new ArrayList<>();
        List<Report<@Nullable String>> reports = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reports.add(user());
        }
        actions.add(Action.continueWith((Work) reports.get(0)::send));
        actions.add(Action.timeout(Duration.ofMillis(5), (Work) reports.get(1)::send));
        actions.add(Action.timeout(Duration.ZERO, (Work) reports.get(2)::send));
        actions.add(Action.hibernate(Duration.ofMillis(5), (Work) reports.get(3)::send));
        for (int i = 0; i < actions.size(); i++) {
            Action action = actions.get(i);
            Security.logIn("ada");
            GenServer.cast(server, (Work) () -> action);
            Security.logIn("bob");
            assertThat(reports.get(i).get()).as(action.toString()).isEqualTo("ada");
            ask(server, ping);
        }
    }

    @Test
    void a_system_request_leaves_a_state_timeout_its_context() throws Exception {
        Pid server = Kind.ORDINARY.start();
        Report<@Nullable String> report = user();
        Security.logIn("ada");
        GenServer.cast(
                server, (Work) () -> Action.timeout(Duration.ofMillis(50), (Work) report::send));
        Security.logIn("bob");
        Sys.getState(server);

        assertThat(report.get()).isEqualTo("ada");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void an_init_has_that_of_the_starter_and_so_has_its_continuation(Kind kind) throws Exception {
        Report<@Nullable String> init = user();
        Report<@Nullable String> continued = user();
        Security.logIn("ada");
        kind.start(() -> {
            init.send();
            return Action.continueWith((Work) continued::send);
        });
        Security.logIn("bob");

        assertThat(init.get()).isEqualTo("ada");
        assertThat(continued.get()).isEqualTo("ada");
    }

    @Test
    void a_child_has_that_of_the_request_that_has_it_started() throws Exception {
        Pid supervisor =
                Supervisor.start(List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE)).pid();
        STARTED.add(supervisor);
        Report<@Nullable String> init = user();
        Work initial = init::send;
        Security.logIn("ada");
        Supervisor.startChild(
                supervisor,
                ChildSpec.worker("child", () -> GenServer.startLink(Doer::new, initial))
                        .withRestart(Restart.TEMPORARY));

        assertThat(init.get()).isEqualTo("ada");
    }

    @Test
    void it_goes_to_spawned_processes_tasks_and_futures() throws Exception {
        Report<@Nullable String> spawned = user();
        Security.logIn("ada");
        Processes.spawn(spawned::send);
        Report<@Nullable String> task = user();
        Task.start(task::send);
        Pid server = Kind.ORDINARY.start();
        Pid caller = Kind.ORDINARY.start();
        Report<@Nullable String> completed = user();
        ask(
                caller,
                () -> {
                    io.genserver.spi.ProcessRuntime.get()
                            .callAsync(server, (Work) () -> "", Duration.ofSeconds(30))
                            .thenRun(completed::send);
                    return "";
                });
        Security.logIn("bob");

        assertThat(spawned.get()).isEqualTo("ada");
        assertThat(task.get()).isEqualTo("ada");
        assertThat(completed.get()).isEqualTo("ada");
    }

    // What does not leak

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_turn_leaves_nothing_to_the_next_one(Kind kind) throws Exception {
        Pid server = kind.start();
        Work leave =
                () -> {
                    Security.logIn("mallory");
                    TENANT.set("red");
                    new Scopes().setValue("open");
                    return "";
                };
        Work look = () -> Security.user() + TENANT.get() + new Scopes().getValue();

        ask(server, leave);
        assertThat(ask(server, look)).isEqualTo("nullnullnull");
        GenServer.cast(server, leave);
        assertThat(ask(server, look)).isEqualTo("nullnullnull");
        Report<Object> cast = new Report<>(() -> Security.user() + TENANT.get());
        GenServer.cast(server, leave);
        GenServer.cast(server, (Work) cast::send);
        assertThat(cast.get()).isEqualTo("nullnull");
        Security.logIn("ada");
        ask(server, leave);
        assertThat(ask(server, look)).isEqualTo("adanullnull");
    }

    @Test
    void a_turn_leaves_nothing_to_other_servers_on_the_same_threads() throws Exception {
        List<Pid> servers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            servers.add(Kind.ORDINARY.start());
        }
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        for (int round = 0; round < 100; round++) {
            for (Pid server : servers) {
                GenServer.cast(
                        server,
                        (Work)
                                () -> {
                                    seen.add(Security.user() + TENANT.get());
                                    Security.logIn("mallory");
                                    TENANT.set("red");
                                    return "";
                                });
            }
        }

        await().until(() -> seen.size() == 5000);
        assertThat(seen).containsOnly("nullnull");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_turn_leaves_nothing_to_the_thread_of_its_caller(Kind kind) {
        Pid server = kind.start();
        Work leave =
                () -> {
                    Security.logIn("mallory");
                    TENANT.set("red");
                    new Scopes().setValue("open");
                    return "";
                };

        outside(() -> {
            Security.logIn("ada");
            Security mine = Security.context();
            ask(server, leave);
            GenServer.cast(server, leave);
            Processes.send(server, leave);
            assertThat(Security.context()).isSameAs(mine);
            assertThat(TENANT.get()).isNull();
            assertThat(SCOPES.getValue()).isNull();
            Security.HOLDER.remove();
            ask(server, leave);
            assertThat(Security.user()).isNull();
            Pid started =
                    kind.start(() -> {
                        leave.run();
                        return "";
                    });
            assertThat(Security.user() + TENANT.get()).isEqualTo("nullnull");
            GenServer.stop(started);
            return "";
        });
    }

    // Scopes that a turn leaves open

    private static final ObservationRegistry OBSERVATIONS = ObservationRegistry.create();

    /// How many scopes of observations are open on this thread.
    private static int openScopes() {
        int open = 0;
        Observation.Scope scope = OBSERVATIONS.getCurrentObservationScope();
        while (scope != null) {
            open++;
            scope = scope.getPreviousObservationScope();
        }
        return open;
    }

    /// Opens a scope of an observation, and one of the accessor of this test.
    @SuppressWarnings("MustBeClosedChecker") // what the tests are about
    private Object open() {
        Observation.Scope scope = Observation.start("left open", OBSERVATIONS).openScope();
        SCOPES.setValue("left open");
        return scope;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void scopes_that_turns_leave_open_do_not_pile_up(Kind kind) throws Exception {
        OBSERVATIONS.observationConfig().observationHandler(_ -> true);
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        Pid server = kind.start();
        Work leave =
                () -> {
                    seen.add(openScopes() + Scopes.depth());
                    return open();
                };

        int turns = 1_000;
        for (int i = 0; i < turns / 2; i++) {
            GenServer.cast(server, leave);
            ask(server, leave);
        }
        assertThat(seen).hasSize(turns).containsOnly(0);
        assertThat(openScopes() + Scopes.depth()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void scopes_that_turns_leave_open_do_not_pile_up_in_those_of_a_client(Kind kind) {
        OBSERVATIONS.observationConfig().observationHandler(_ -> true);
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        Pid server = kind.start();
        outside(() -> {
            Work leave =
                    () -> {
                        seen.add(openScopes() + Scopes.depth());
                        open();
                        return open();
                    };
            Object mine = open();
            SCOPES.setValue("mine");
            for (int i = 0; i < 500; i++) {
                GenServer.cast(server, leave);
                ask(server, leave);
                assertThat(OBSERVATIONS.getCurrentObservationScope()).isSameAs(mine);
                assertThat(SCOPES.getValue()).isEqualTo("mine");
            }
            assertThat(Scopes.depth()).isEqualTo(2);
            assertThat(seen).allMatch(depth -> depth <= 4);
            return "";
        });
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_turn_that_closes_scopes_of_its_client_closes_none_for_the_client(Kind kind) {
        OBSERVATIONS.observationConfig().observationHandler(_ -> true);
        Pid server = kind.start();
        outside(() -> {
            open();
            Object mine = open();
            Work close =
                    () -> {
                        Observation.Scope scope = OBSERVATIONS.getCurrentObservationScope();
                        while (scope != null) {
                            scope.close();
                            scope = OBSERVATIONS.getCurrentObservationScope();
                        }
                        return "";
                    };
            ask(server, close);
            GenServer.cast(server, close);
            ask(server, close);
            assertThat(OBSERVATIONS.getCurrentObservationScope()).isSameAs(mine);
            assertThat(openScopes()).isEqualTo(2);
            return "";
        });
        assertThat(ask(server, ThreadLocalsCarrierTest::openScopes)).isEqualTo(0);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_turn_that_fails_leaves_nothing(Kind kind) {
        outside(() -> {
            Security.logIn("ada");
            List<Work> failures =
                    List.of(
                            () -> {
                                Security.logIn("mallory");
                                throw new IllegalStateException("on purpose");
                            },
                            () -> {
                                Security.logIn("mallory");
                                return dive(0);
                            });
            for (Work failure : failures) {
                Pid server = kind.start();
                assertThatThrownBy(() -> ask(server, failure)).isInstanceOf(CallException.class);
                assertThat(Security.user()).isEqualTo("ada");
            }
            Security.HOLDER.remove();
            Pid next = kind.start();
            assertThat(ask(next, Security::user)).isNull();
            return "";
        });
    }

    private static int dive(int depth) {
        return depth < 0 ? 0 : dive(depth + 1) + 1; // overflows the stack
    }

    /// Calls the server at every depth of the stack until it ends, so that it ends at every step of
    /// a call.
    @ParameterizedTest
    @EnumSource(names = {"ORDINARY", "NON_BLOCKING"})
    void a_caller_whose_stack_ends_keeps_its_context(Kind kind) throws Exception {
        Pid server = kind.start();
        Work change =
                () -> {
                    String seen = Security.user() + TENANT.get();
                    Security.logIn("mallory");
                    TENANT.set("red");
                    return seen;
                };
        CompletableFuture<String> after = new CompletableFuture<>();
        Queue<Object> seen = new ConcurrentLinkedQueue<>();
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            Security.logIn("ada");
                            TENANT.set("blue");
                            for (int i = 0; i < 20; i++) {
                                try {
                                    callDeeper(server, change, seen);
                                } catch (StackOverflowError | CallException end) {
                                    seen.add("adablue");
                                }
                            }
                            after.complete(Security.user() + TENANT.get());
                        },
                        "deep",
                        400_000);
        thread.start();

        assertThat(after.get(50, TimeUnit.SECONDS)).isEqualTo("adablue");
        assertThat(seen).containsOnly("adablue");
        Pid next = Processes.isAlive(server) ? server : kind.start();
        Security.HOLDER.remove();
        assertThat(ask(next, Security::user)).isNull();
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private static void callDeeper(Pid server, Work work, Queue<Object> seen) {
        if (seen.add(Objects.requireNonNull(ask(server, work)))) { // always
            callDeeper(server, work, seen);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void requests_that_are_interleaved_do_not_see_each_other(Kind kind) throws Exception {
        Pid first = kind.start();
        Pid second = Kind.ORDINARY.start();
        Pid third = Kind.NON_BLOCKING.start();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> clients = new ArrayList<>();
        for (String name : List.of("ada", "bob", "")) {
            String user = name.isEmpty() ? null : name;
            Work check =
                    () -> {
                        if (!Objects.equals(Security.user(), user)) {
                            wrong.add(Security.user() + " instead of " + user);
                        }
                        return "";
                    };
            Work nested =
                    () -> {
                        check.run();
                        ask(second, check);
                        GenServer.cast(third, check);
                        ask(third, check);
                        return check.run();
                    };
            clients.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                if (user != null) {
                                    Security.logIn(user);
                                }
                                for (int i = 0; i < 2_000; i++) {
                                    ask(first, nested);
                                    GenServer.cast(second, check);
                                }
                            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        ask(second, () -> "");

        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_server_inherits_nothing_from_the_thread_that_starts_or_wakes_it(Kind kind) {
        ClassLoader mine = ThreadLocalsCarrierTest.class.getClassLoader();
        Work look =
                () -> INHERITED.get() + (Thread.currentThread().getContextClassLoader() == mine);
        INHERITED.set("ada");
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], mine));
        try {
            Pid server = kind.start();
            GenServer.cast(server, (Work) () -> "");
            INHERITED.set("bob");

            // A server that runs on its caller's own thread sees the thread locals of that thread.
            String own = kind == Kind.NON_BLOCKING ? "bob" : "null";
            assertThat(ask(server, look)).isEqualTo(own + "true");
            assertThat(
                            outside(() -> {
                                INHERITED.remove();
                                return ask(server, look);
                            }))
                    .isEqualTo("nulltrue");
        } finally {
            Thread.currentThread().setContextClassLoader(mine);
        }
    }

    @Test
    void an_inheritable_thread_local_travels_once_it_is_registered() throws Exception {
        ContextRegistry.getInstance().registerThreadLocalAccessor("inherited", INHERITED);
        try {
            Pid server = Kind.ORDINARY.start();
            INHERITED.set("ada");
            assertThat(ask(server, INHERITED::get)).isEqualTo("ada");
            INHERITED.remove();
            assertThat(ask(server, INHERITED::get)).isNull();
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("inherited");
        }
    }
}
