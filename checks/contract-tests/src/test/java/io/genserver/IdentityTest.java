package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.supervisor.Task;
import io.genserver.test.GenServerExtension;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A process runs with no identity of another thread: neither inheritable thread locals nor the
/// context class loader of a client reach it.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class IdentityTest {

    private static final InheritableThreadLocal<String> TOKEN = new InheritableThreadLocal<>();

    /// What a process sees of the thread it runs on.
    record Seen(Optional<String> token, ClassLoader loader) {
        static Seen here() {
            return new Seen(
                    Optional.ofNullable(TOKEN.get()),
                    Thread.currentThread().getContextClassLoader());
        }
    }

    private static final Seen NOTHING =
            new Seen(Optional.empty(), IdentityTest.class.getClassLoader());

    /// Runs code on a new thread that has the identity of a user.
    private static <T> T as(String user, Supplier<T> code) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> {
                    TOKEN.set(user);
                    Thread.currentThread()
                            .setContextClassLoader(
                                    new URLClassLoader(
                                            new URL[0], ClassLoader.getPlatformClassLoader()));
                    try {
                        result.complete(code.get());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    }
                });
        return result.join();
    }

    static Stream<List<StartOption>> kinds() {
        return Stream.of(
                List.of(),
                List.of(StartOption.platformThread()),
                List.of(StartOption.hibernateAfter(java.time.Duration.ofMillis(1))));
    }

    private static Seen ask(Pid server) {
        return Agent.<Integer, Seen>get(server, _ -> Seen.here());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_server_sees_nothing_of_its_starter_nor_of_its_clients(List<StartOption> options) {
        StartOption[] all = options.toArray(StartOption[]::new);
        Pid server = as("starter", () -> Agent.start(() -> 1, all).pid());

        assertThat(as("alice", () -> ask(server))).isEqualTo(NOTHING);
        assertThat(as("bob", () -> ask(server))).isEqualTo(NOTHING);
        GenServer.stop(server);
    }

    @Test
    void a_cast_that_finds_a_server_idle_brings_no_identity() {
        Pid server = as("starter", () -> Agent.start(() -> List.<Seen>of()).pid());

        as(
                "alice",
                () -> {
                    Agent.<List<Seen>>cast(server, _ -> List.of(Seen.here()));
                    return true;
                });

        assertThat(Agent.<List<Seen>, List<Seen>>get(server, seen -> seen))
                .containsExactly(NOTHING);
        GenServer.stop(server);
    }

    @Test
    void init_on_a_thread_of_its_own_sees_nothing_of_the_starter() {
        Pid server = as("starter", () -> Agent.start(Seen::here).pid());

        assertThat(Agent.<Seen, Seen>get(server, seen -> seen)).isEqualTo(NOTHING);
        GenServer.stop(server);
    }

    @Test
    void a_spawned_process_and_a_task_see_nothing() {
        CompletableFuture<Seen> spawned = new CompletableFuture<>();

        as("starter", () -> Processes.spawn(() -> spawned.complete(Seen.here())));
        Seen inTask =
                as(
                        "starter",
                        () -> {
                            try (Attachment _ = Processes.attach()) {
                                return Task.async(Seen::here).await();
                            }
                        });

        assertThat(spawned.join()).isEqualTo(NOTHING);
        assertThat(inTask).isEqualTo(NOTHING);
    }

    /// The turn of a non-blocking server runs on its caller's thread, so it sees that thread's
    /// thread locals; see docs/threads.md. The class loader is still the server's, and the caller
    /// gets its own back.
    @Test
    void a_turn_on_the_callers_thread_has_the_servers_class_loader() {
        Pid server = Agent.start(() -> 1, StartOption.nonBlocking()).pid();

        List<ClassLoader> loaders =
                as(
                        "alice",
                        () -> {
                            ClassLoader before = Thread.currentThread().getContextClassLoader();
                            ClassLoader inside = ask(server).loader();
                            return Thread.currentThread().getContextClassLoader() == before
                                    ? List.of(inside)
                                    : List.<ClassLoader>of();
                        });

        assertThat(loaders).containsExactly(IdentityTest.class.getClassLoader());
        GenServer.stop(server);
    }

    @Test
    void a_cast_that_a_worker_runs_brings_no_identity() {
        Pid worker = Agent.start(() -> List.<Seen>of(), StartOption.nonBlocking()).pid();
        Pid sender = Agent.start(() -> 1).pid();

        Agent.<Integer, Boolean>get( // a server's cast is run by a worker
                sender,
                _ -> {
                    Agent.<List<Seen>>cast(worker, _ -> List.of(Seen.here()));
                    return true;
                });

        org.awaitility.Awaitility.await()
                .until(() ->
                        Agent.<List<Seen>, List<Seen>>get(worker, seen -> seen)
                                .equals(List.of(NOTHING)));
        GenServer.stop(worker);
        GenServer.stop(sender);
    }
}
