package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The future of a call ends although the stack or the memory of the thread that has the outcome
/// ends.
@Timeout(60)
class FutureCallTest {

    private static FutureCall call(LocalNode node) {
        Origin origin = new Origin(node, null, null);
        return new FutureCall(
                origin, ServerRef.name("x"), "request", null, TimeUnits.FOREVER, null);
    }

    @Test
    void ends_although_the_stack_ends_anywhere() throws InterruptedException {
        List<CompletableFuture<@Nullable Object>> futures = new ArrayList<>();
        LocalNode node = LocalNode.DEFAULT;

        StackEndTest.runAtEveryDepth(() -> {
            FutureCall call = call(node);
            CompletableFuture<@Nullable Object> future = call.begin();
            try {
                call.fail(ExitReason.KILLED);
            } finally {
                if (call.isAnswered()) {
                    futures.add(future);
                }
            }
        });

        assertThat(futures).hasSizeGreaterThan(1_000);
        for (CompletableFuture<@Nullable Object> future : futures) {
            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(CallException.class);
        }
    }

    @Test
    void ends_on_a_thread_of_its_own_although_no_thread_can_be_started_at_first() throws Exception {
        WithoutMemory machine = new WithoutMemory();
        machine.run(() -> {
            LocalNode node = LocalNode.start(null, machine);
            FutureCall call = call(node);
            CompletableFuture<Thread> thread = call.begin().thenApply(_ -> Thread.currentThread());
            machine.failures.set(3); // that of the call, and those of the healer

            assertThat(call.reply("answer")).isTrue();

            assertThat(thread.get(20, TimeUnit.SECONDS)).isNotEqualTo(Thread.currentThread());
            assertThat(machine.failures).hasValue(0);
            node.close(Duration.ZERO);
            return call;
        });
    }

    /// The JVM's clock and threads, except that the next ones cannot be started.
    private static final class WithoutMemory extends Machine {

        private final AtomicInteger failures = new AtomicInteger();

        void run(Callable<?> code) throws Exception {
            adopt(Thread.currentThread());
            try {
                assertThat(code.call()).isNotNull();
            } finally {
                release(Thread.currentThread());
            }
        }

        @Override
        public Thread start(@Nullable Pid process, String name, Runnable body) {
            if (!name.endsWith("timers")
                    && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("on purpose");
            }
            Thread thread = Thread.ofVirtual().name(name).unstarted(body);
            adopt(thread);
            thread.start();
            return thread;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void park(long nanos) {
            LockSupport.parkNanos(nanos);
        }

        @Override
        public void unpark(Thread thread) {
            LockSupport.unpark(thread);
        }

        @Override
        public void wakeBy(Thread thread, long time) {
            LockSupport.unpark(thread);
        }

        @Override
        public void interrupt(Thread thread) {
            thread.interrupt();
        }

        @Override
        public boolean lendsThreads() {
            return false;
        }

        @Override
        protected boolean logs() {
            return true;
        }

        @Override
        public void step(
                Event event,
                @Nullable Pid process,
                @Nullable Pid target,
                @Nullable Object content) {}

        @Override
        public void note(Event event, Pid process, Object content) {}

        @Override
        public void retry() {}

        @Override
        public Travel travel(@Nullable Pid from, Pid to, Object message, boolean isRequest) {
            return Travel.AT_ONCE;
        }

        @Override
        public double random() {
            return 0;
        }
    }
}
