package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The functions given to a registry run in the caller's process and block no other process.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class RegistryFunctionsTest {

    private static final int OTHERS = 64; // enough that some share a lock with the key

    private final ProcessRegistry<String, Integer> registry =
            ProcessRegistry.unique("RegistryFunctionsTest");

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    /// A method of a registry that runs a function of the caller.
    enum Given {
        UPDATE_VALUE {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.updateValue(
                        "key",
                        value -> {
                            inside.run();
                            return value + 1;
                        });
            }
        },
        UNREGISTER_MATCH {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.unregisterMatch("key", _ -> accept(inside));
            }
        },
        MATCH {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.match("key", _ -> accept(inside));
            }
        },
        COUNT_MATCH {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.countMatch("key", _ -> accept(inside));
            }
        },
        SELECT {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.select(_ -> accept(inside));
            }
        },
        COUNT_SELECT {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.countSelect(_ -> accept(inside));
            }
        },
        DISPATCH {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.dispatch("key", _ -> inside.run());
            }
        },
        DISPATCH_PARALLEL {
            @Override
            void run(ProcessRegistry<String, Integer> registry, Runnable inside) {
                registry.dispatchParallel("key", _ -> inside.run());
            }
        };

        abstract void run(ProcessRegistry<String, Integer> registry, Runnable inside);

        static boolean accept(Runnable inside) {
            inside.run();
            return true;
        }
    }

    @BeforeEach
    void start() {
        test.startSupervised(registry.childSpec());
    }

    /// A process that has the key and is inside the function, which ignores interrupts.
    private Pid inside(Given given, CountDownLatch out) throws InterruptedException {
        CountDownLatch in = new CountDownLatch(1);
        Pid owner =
                Processes.spawn(() -> {
                    registry.register("key", 1);
                    given.run(
                            registry,
                            () -> {
                                in.countDown();
                                awaitUninterruptibly(out);
                            });
                    Processes.receive();
                });
        in.await();
        return owner;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException killed) {
                // The thread of the killed process still runs.
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_that_takes_its_time_holds_up_no_other_key(Given given) throws Exception {
        CountDownLatch out = new CountDownLatch(1);
        inside(given, out);
        Pid me = Processes.self();

        for (int i = 0; i < OTHERS; i++) {
            String key = "other " + i;
            Processes.spawnLink(() -> {
                registry.register(key, 1);
                registry.updateValue(key, value -> value + 1);
                Processes.send(me, registry.values(key, Processes.self()).getFirst());
                Processes.receive();
            });
            assertThat(assertReceive(Integer.class)).isEqualTo(2);
        }

        out.countDown();
    }

    @ParameterizedTest
    @EnumSource
    void one_may_use_the_registry(Given given) {
        registry.register("key", 1);

        given.run(
                registry,
                () -> {
                    if (given != Given.DISPATCH_PARALLEL) { // it runs in another process
                        registry.register("second", 2);
                        registry.updateValue("key", value -> value + 10);
                        registry.unregister("second");
                    }
                    assertThat(registry.lookup("key")).hasSize(1);
                    assertThat(registry.count()).isEqualTo(1);
                });

        assertThat(registry.lookup("second")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void one_whose_owner_is_killed_keeps_no_key(Given given) throws Exception {
        CountDownLatch out = new CountDownLatch(1);
        Pid owner = inside(given, out);
        Ref monitor = Processes.monitor(owner);

        Processes.exit(owner, ExitReason.KILL);

        assertReceive(Down.class, down -> down.ref().equals(monitor));
        await().untilAsserted(() -> assertThat(registry.count()).isZero());
        assertThat(registry.register("key", 7)).isInstanceOf(Registration.Ok.class);
        out.countDown();
        Processes.receive(_ -> null, java.time.Duration.ofMillis(50)); // the thread still runs
        assertThat(registry.values("key", Processes.self())).containsExactly(7);
        assertThat(registry.count()).isEqualTo(1);
    }

    @Test
    void an_update_whose_function_gives_the_key_up_updates_nothing() {
        registry.register("key", 1);

        assertThat(
                        registry.updateValue(
                                "key",
                                value -> {
                                    registry.unregister("key");
                                    return value + 1;
                                }))
                .isEmpty();

        assertThat(registry.lookup("key")).isEmpty();
        assertThat(registry.keys(Processes.self())).isEmpty();
    }

    @Test
    void an_update_inside_an_update_is_overwritten() {
        registry.register("key", 1);

        assertThat(
                        registry.updateValue(
                                "key",
                                value -> {
                                    registry.updateValue("key", inner -> inner + 10);
                                    return value + 1;
                                }))
                .contains(new ProcessRegistry.Updated<>(2, 1));

        assertThat(registry.values("key", Processes.self())).containsExactly(2);
    }

    @Test
    void a_function_that_throws_changes_nothing() {
        registry.register("key", 1);
        IllegalStateException broken = new IllegalStateException("broken");

        for (Given given : Given.values()) {
            if (given == Given.DISPATCH_PARALLEL) {
                continue; // a failing task ends its owner
            }
            org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                            given.run(
                                    registry,
                                    () -> {
                                        throw broken;
                                    }))
                    .isSameAs(broken);
        }

        assertThat(registry.values("key", Processes.self())).containsExactly(1);
    }
}
