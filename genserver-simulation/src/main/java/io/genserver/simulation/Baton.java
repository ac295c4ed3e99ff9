package io.genserver.simulation;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A machine that runs one thread at a time. The thread that has the baton runs, and hands it on
/// when it waits or when the [Policy] says so. Time stands still while a thread can go on. When all
/// wait, it jumps to the next moment at which one of them wakes.
///
/// One thread is the *control*: the one that starts the others, gets the baton when nothing can go
/// on, and ends what is left. It is not among the threads that the policy chooses from.
///
/// All fields belong to the thread that has the baton. Each hand-over is a volatile write of
/// `holder`, which the next holder has read.
final class Baton extends Machine {

    /// How many steps a thread that never waits may take under a fair schedule, before another one
    /// goes on.
    private static final int FAIR_SHARE = 1_000;

    /// How often time passes while what is left of a run ends.
    private static final int DEADLINES_OF_THE_END = 100;

    /// How many threads may keep the baton while what is left of a run ends.
    private static final int MOST_ABANDONED = 100;

    /// How often a waiting control looks at what the others do. Units: ns
    private static final long LOOK = 20_000_000L;

    /// How often processes may fail to reach another one before time passes, if nothing else can go
    /// on.
    private static final int MOST_RETRIES = 100;

    /// Ends a thread of a simulation that is over.
    static final class Over extends Error {
        private static final long serialVersionUID = 1L;

        Over() {
            super("the simulation that this thread belonged to is over", null, false, false);
        }
    }

    private final Limits limits;
    private final Recording recording;
    private Policy policy;

    private final Tasks tasks = new Tasks();
    private final Waits waits = new Waits();
    private final Task control = new Task(-1, null, "control");
    private volatile Task holder = control;

    private int lastNumber;
    private int steps;
    private int stepsBefore; // those that do not count for the limit
    private int pauses; // waits and failed attempts to reach a process, which are no steps
    private int retries; // since time has passed
    private int inARow; // steps of the holder since it got the baton

    /// Whether the holder runs code of the simulation's own, such as an invariant. Nothing may wait
    /// then, and no other thread goes on.
    private boolean inside;

    /// The process that the holder kills, which is a fault of the simulation; null for none. The
    /// kill is at once, and what the process's end sends travels as usual.
    private @Nullable Pid killing;

    /// Whether time may pass by itself.
    private boolean timePasses = true;

    /// Whether what is left of the run is ended. What a thread then throws, because it is killed,
    /// fails nothing.
    private volatile boolean ending; // read by any thread

    private boolean over;
    private @Nullable Throwable failure;

    /// Why the holder is to hand the baton to the control as soon as it can; null if it is not. Any
    /// thread writes it, and the control forgets it.
    private volatile @Nullable Throwable stop;

    /// The threads from which the baton was taken away. Written by the thread that takes it, read
    /// by any thread.
    private final Set<Thread> abandoned = ConcurrentHashMap.newKeySet();

    /// The threads that such a thread has woken. The holder wakes them.
    private final Queue<Thread> lateUnparks = new ConcurrentLinkedQueue<>();

    /// What the control does now and then while it waits. It takes away the control's interrupt
    /// flag, with which the control would not wait. The control.
    private Runnable look;

    private final List<Runnable> invariants = new ArrayList<>();
    private final Faults faults;

    /// What a run may do at most.
    ///
    /// @param most the steps; and also the waits and failed attempts to reach a process of one
    ///   thread that takes no step in between
    /// @param ofOneMoment whether the steps are counted anew when time has passed
    /// @param lendsThreads whether callers run the turns of servers that do not block
    /// @param logs whether crashes are logged
    record Limits(int most, boolean ofOneMoment, boolean lendsThreads, boolean logs) {

        LivelockError tooManySteps() {
            return livelock(
                    ofOneMoment
                            ? "the processes to wait after at most " + most + " steps of one moment"
                            : "the run to end within " + most + " steps");
        }

        LivelockError tooManyPauses() {
            return livelock(
                    "each process to take a step after at most "
                            + most
                            + " waits and failed attempts to reach another process");
        }

        private LivelockError livelock(String expected) {
            return new LivelockError(
                    "expected "
                            + expected
                            + ", got: more; it goes round in circles"
                            + (ofOneMoment ? "" : ", or needs a higher maxSteps"));
        }
    }

    Baton(Policy policy, Limits limits, Recording recording) {
        this.policy = policy;
        this.limits = limits;
        this.recording = recording;
        this.faults = new Faults(policy, recording);
        this.look = () -> control.interrupted |= Thread.interrupted();
        control.started = true;
    }

    // For the control

    /// Hands the baton on until no thread can go on, or one has failed. The control.
    ///
    /// @param passTime whether time may pass
    void run(boolean passTime) {
        control.thread(Thread.currentThread());
        timePasses = passTime;
        if (takeStop()) {
            return;
        }
        Task next = next(null);
        if (next != control) {
            hand(control, next);
        }
    }

    /// Makes the next deadline the current time. The control.
    ///
    /// @return false if nothing waits for a time
    boolean passTime() {
        timePasses = true;
        boolean passed = advance();
        timePasses = false;
        return passed;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    /// Returns why a thread has failed, and forgets it. The control.
    @Nullable Throwable takeFailure() {
        Throwable taken = failure;
        failure = null;
        stepsBefore = steps; // those of a livelock leave none for what follows
        return taken;
    }

    /// Has the control do something now and then while it waits. The action takes away the
    /// control's interrupt flag. The control.
    void watchBy(Runnable looks) {
        look = looks;
    }

    int steps() {
        return steps;
    }

    /// Returns a number that changes while threads go on. Any thread. Races OK: an older number is
    /// as good.
    int progress() {
        return steps + pauses;
    }

    /// Tells who waits for whom, because nothing can go on. The control.
    String deadlock() {
        return waits.deadlock(tasks.parked());
    }

    /// Returns when the waits of threads end that run no timers, for people.
    List<ArmedTimer> sleeping() {
        return Waits.sleeping(tasks.parked());
    }

    /// Ends the node and everything that runs on this machine. The control.
    void end(Node node) {
        calmDown();
        start(null, "end", () -> node.close(Duration.ZERO));
        runAll();
        for (int left = DEADLINES_OF_THE_END; left > 0 && !tasks.isEmpty() && passTime(); left--) {
            runAll();
        }
        if (!tasks.isEmpty()) {
            endAll();
        }
    }

    /// Hands the baton on until no thread can go on, also if it was taken away from one. The
    /// control.
    private void runAll() {
        for (int left = MOST_ABANDONED; left > 0 && !tasks.ready().isEmpty(); left--) {
            run(false);
        }
    }

    /// Returns the thread that has the baton. Any thread, which may see an older one.
    Thread holderThread() {
        return holder.thread();
    }

    /// Stops searching: no faults, no invariants, no choices. The control.
    private void calmDown() {
        policy = new Policy.Fair(0);
        recording.stop();
        invariants.clear();
        faults.stop();
        ending = true;
        stepsBefore = steps; // those of a livelock leave none for the end
        failure = null;
        stop = null;
    }

    /// Has each thread end with an error. The control.
    private void endAll() {
        over = true;
        tasks.endAllWaits();
        runAll();
    }

    /// Gives the baton to a thread that can go on, until it calls [#toControl] or nothing can go
    /// on. The control.
    void resume(Task next) {
        control.thread(Thread.currentThread());
        timePasses = true;
        hand(control, next);
    }

    /// Interrupts a thread and ends its wait. The control.
    ///
    /// @return false if the thread has ended, or the baton was taken away from it
    boolean interruptWait(Task task) {
        if (hasEnded(task)) {
            return false;
        }
        tasks.interruptAny(task);
        return true;
    }

    boolean hasEnded(Task task) {
        return task.state == Task.State.ENDED;
    }

    /// Forgets a thread, which never goes on. The control.
    void forget(Task task) {
        abandoned.add(task.thread());
        tasks.end(task);
    }

    /// Gives the baton to the control, and waits until it comes back. The holder.
    void toControl() {
        hand(holder(), control);
    }

    /// Has the holder hand the baton to the control at its next step or wait. The run has failed
    /// then. Does nothing while what is left of the run ends. Any thread.
    void stop(Throwable why) {
        if (!ending) {
            stop = why;
        }
    }

    /// Takes the baton away from a thread that waits for something else. The thread never has it
    /// again: its next step or wait throws [Over]. Another thread, after the holder has taken no
    /// step for so long that it will take none at this moment.
    void abandon(Throwable why) {
        Task lost = holder;
        if (lost == control) {
            return; // it has handed the baton on after all
        }
        forget(lost);
        inside = false;
        killing = null;
        if (failure == null) {
            failure = why;
        }
        holder = control;
        LockSupport.unpark(control.thread());
    }

    /// Checks that a thread has not lost the baton in user's code, such as an invariant.
    private void checkHas(Task me) {
        if (holder != me) {
            throw new Over();
        }
    }

    /// Returns whether the baton was taken away from the current thread. What it runs may still
    /// end, and with it its process. That goes through without an effect on the thread that has the
    /// baton: whom it wakes goes on a little later.
    private boolean isAbandoned() {
        return !abandoned.isEmpty() && abandoned.contains(Thread.currentThread());
    }

    // For the body

    /// Returns the faults of this run. The body adds faults, and the control stops them.
    Faults faults() {
        return faults;
    }

    void always(Runnable invariant) {
        invariants.add(invariant);
    }

    /// Waits until a time has passed and everything that is due has been done. The holder.
    ///
    /// @throws ExitException with `interrupted` if the thread is interrupted
    void advance(Duration time) {
        Task me = holder();
        checkNotInterrupted();
        tasks.park(me, Task.State.IDLE, time.toNanos());
        hand(me, next(me));
        checkNotInterrupted();
    }

    private static void checkNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new ExitException(ExitReason.INTERRUPTED);
        }
    }

    /// Has no more time pass by itself, and waits until the current process is killed. The holder.
    void waitForEnd() {
        timePasses = false;
        while (!over && !Thread.interrupted()) {
            park(Long.MAX_VALUE);
        }
    }

    // Time

    @Override
    public long nanoTime() {
        return tasks.now();
    }

    @Override
    public long timerDue(long deadline) {
        if (isAbandoned()) {
            return deadline;
        }
        long due = faults.timerDue(deadline);
        if (due > deadline) {
            recording.lateTimer(tasks.now(), due - deadline);
        }
        return due;
    }

    private boolean advance() {
        long before = tasks.now();
        if (!tasks.passTime()) {
            return false;
        }
        retries = 0;
        if (limits.ofOneMoment() && tasks.now() != before) {
            stepsBefore = steps;
        }
        return true;
    }

    /// Counts what takes no step, because a thread can also go round in circles without steps.
    private void countPause(Task me) {
        pauses++;
        me.pausesInARow++;
        if (me.pausesInARow > limits.most()) {
            me.pausesInARow = 0;
            fail(me, limits.tooManyPauses());
        }
    }

    // Threads

    @Override
    public Thread start(@Nullable Pid process, String name, Runnable body) {
        if (isAbandoned()) {
            return Thread.ofVirtual().name(name).unstarted(body); // such as a resource's close
        }
        Task task = startTask(process, name, body);
        task.isRuntimes = process == null;
        return task.thread();
    }

    /// Starts a thread that acts on a node and is no process.
    Task startOn(Node node, String name, Runnable body) {
        return startTask(null, name, () -> node.run(body));
    }

    private Task startTask(@Nullable Pid process, String name, Runnable body) {
        Task task = new Task(lastNumber++, process, name);
        Thread thread =
                Thread.ofVirtual()
                        .inheritInheritableThreadLocals(false)
                        .name(name)
                        .unstarted(() -> run(task, body));
        task.thread(thread);
        tasks.add(task);
        adopt(thread);
        return task;
    }

    private void run(Task task, Runnable body) {
        try {
            body.run();
        } catch (Over expected) {
            task.event = null;
        } catch (Throwable thrown) {
            if (holder == task && failure == null && !ending) {
                failure = thrown;
            }
        }
        if (holder != task) {
            release(task.thread());
            return; // it was abandoned
        }
        tasks.end(task);
        release(task.thread());
        Task next = failure == null || over ? next(task) : control;
        holder = next;
        wake(next);
    }

    @Override
    public void park(long nanos) {
        Task me = holder();
        if (over) {
            throw new Over();
        }
        if (inside) {
            throw new IllegalStateException(
                    "expected an invariant to look at things without waiting, got: a wait");
        }
        countPause(me); // lets others go on, who may end this wait before it begins
        if (me.permit) {
            me.permit = false;
        } else if (nanos > 0 && !Thread.currentThread().isInterrupted()) {
            tasks.park(me, Task.State.PARKED, nanos);
            hand(me, next(me));
            if (over) {
                throw new Over();
            }
        }
    }

    @Override
    public void unpark(Thread thread) {
        if (isAbandoned()) {
            lateUnparks.add(thread);
        } else {
            tasks.unpark(thread);
        }
    }

    @Override
    public void wakeBy(Thread thread, long time) {
        if (!isAbandoned()) {
            tasks.wakeBy(thread, time);
        }
    }

    @Override
    public void interrupt(Thread thread) {
        if (isAbandoned()) {
            return;
        }
        if (thread == holder.thread() && holder != control) {
            thread.interrupt();
        } else {
            tasks.interrupt(thread);
        }
    }

    /// Returns the current thread, which has to have the baton.
    private Task holder() {
        Task me = holder;
        if (me.thread() != Thread.currentThread() || me == control) {
            if (isAbandoned()) {
                throw new Over();
            }
            if (over && tasks.contains(Thread.currentThread())) {
                throw new Over();
            }
            throw new IllegalStateException(
                    "expected the processes of a simulation to be used by its own threads, got: the"
                            + " thread \""
                            + Thread.currentThread().getName()
                            + "\"; start it with Processes.spawn or as a task");
        }
        return me;
    }

    /// Chooses who goes on after a thread that waits or has ended.
    ///
    /// @return the control if nothing can go on
    private Task next(@Nullable Task after) {
        if (stop != null) {
            return control;
        }
        for (Thread late = lateUnparks.poll(); late != null; late = lateUnparks.poll()) {
            tasks.unpark(late);
        }
        while (tasks.ready().isEmpty()) {
            if (!timePasses || !advance()) {
                return control;
            }
        }
        return choose(after == null ? 0 : tasks.turnAfter(after));
    }

    /// @param at what goes on if the policy chooses nothing else
    private Task choose(int at) {
        List<Task> ready = tasks.ready();
        int size = ready.size();
        if (size == 1) {
            return ready.getFirst();
        }
        int chosen = policy.choose(ready, at);
        recording.chosen((chosen - at + size) % size);
        return ready.get(chosen);
    }

    /// Hands the baton on, and waits until it comes back.
    private void hand(Task me, Task next) {
        checkHas(me);
        if (next != me) {
            inARow = 0;
            holder = next;
            wake(next);
            if (me == control) {
                awaitControl();
            }
            me.interrupted |= Thread.interrupted(); // a flag that is set would end each park
            while (holder != me) {
                LockSupport.park(this);
                me.interrupted |= Thread.interrupted();
            }
        }
        if (me.interrupted) {
            me.interrupted = false;
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for the baton, and looks now and then at what the others do. The control.
    private void awaitControl() {
        while (holder != control) {
            LockSupport.parkNanos(this, LOOK);
            if (holder != control) {
                look.run();
            }
        }
        takeStop();
    }

    /// Ends the run if somebody has asked for it. The control.
    private boolean takeStop() {
        Throwable why = stop;
        if (why == null) {
            return false;
        }
        failure = failure == null ? why : failure;
        stop = null;
        return true;
    }

    private static void wake(Task next) {
        if (next.started) {
            LockSupport.unpark(next.thread());
        } else {
            next.started = true;
            next.thread().start();
        }
    }

    @Override
    public boolean lendsThreads() {
        return limits.lendsThreads();
    }

    @Override
    protected boolean logs() {
        return limits.logs();
    }

    // Events

    @Override
    public void step(
            Event event, @Nullable Pid process, @Nullable Pid target, @Nullable Object content) {
        if (inside || (event == Event.END && isAbandoned())) {
            return;
        }
        Task me = holder();
        if (over) {
            throw new Over();
        }
        steps++;
        me.pausesInARow = 0;
        me.event = event;
        me.target = target;
        me.about =
                target != null
                        ? Task.number(target)
                        : process != null ? Task.number(process) : me.entity();
        recording.step(tasks.now(), me, event, process, target, content);
        if (steps - stepsBefore > limits.most()) {
            fail(me, limits.tooManySteps());
        }
        check(me);
        checkHas(me);
        injectFault(me);
        if (stop != null) {
            hand(me, control);
        }
        inARow++;
        List<Task> ready = tasks.ready();
        if (ready.size() > 1) {
            int at = ready.indexOf(me);
            if (policy instanceof Policy.Fair && inARow > FAIR_SHARE) {
                at = (at + 1) % ready.size();
            }
            hand(me, choose(at));
        }
    }

    /// Records what the body has thrown. Its thread.
    void noteFailure(Pid process, Throwable thrown) {
        if (!isAbandoned()) {
            recording.failure(tasks.now(), process, thrown);
        }
    }

    @Override
    public void note(Event event, Pid process, Object content) {
        if (isAbandoned()) {
            return;
        }
        recording.note(tasks.now(), event, process, content);
        if (event == Event.START) {
            waits.started(process, content.toString());
        } else if (event == Event.END) {
            waits.ended(process);
        }
    }

    @Override
    public void retry() {
        Task me = holder();
        if (inside) {
            return;
        }
        if (over) {
            throw new Over();
        }
        countPause(me);
        if (stop != null) {
            hand(me, control);
        }
        policy.retries(me);
        retries++;
        List<Task> ready = tasks.ready();
        if (ready.size() == 1 && timePasses && retries > MOST_RETRIES) {
            advance(); // else time would stand still while the thread tries again and again
        }
        if (ready.size() > 1) {
            hand(me, choose((ready.indexOf(me) + 1) % ready.size()));
        }
    }

    @Override
    public Travel travel(@Nullable Pid from, Pid to, Object message, boolean isRequest) {
        if (isAbandoned() || from == null || (inside && killing == null) || to.equals(killing)) {
            return Travel.AT_ONCE;
        }
        boolean before = inside;
        inside = true; // a look at a name must not let others go on
        try {
            Travel travel = faults.travel(from, to, message, isRequest);
            if (!travel.equals(Travel.AT_ONCE)) {
                recording.fault(tasks.now(), travel, from, to, message);
            }
            return travel;
        } finally {
            inside = before;
        }
    }

    @Override
    public double random() {
        if (isAbandoned()) {
            return 0;
        }
        return faults.random();
    }

    /// Checks the invariants after the last step. The holder.
    void checkInvariants() {
        check(holder());
    }

    /// Returns whether there are invariants. The control.
    boolean hasInvariants() {
        return !invariants.isEmpty();
    }

    private void check(Task me) {
        if (invariants.isEmpty()) {
            return;
        }
        Throwable broken = null;
        inside = true;
        try {
            invariants.forEach(Runnable::run);
        } catch (Throwable thrown) {
            broken = thrown;
        } finally {
            inside = holder != me && inside; // an invariant that waits loses the baton
        }
        if (broken != null) {
            fail(me, broken);
        }
    }

    private void injectFault(Task me) {
        Throwable broken = null;
        inside = true;
        try {
            faults.look();
            Pid victim = faults.chooseVictim();
            if (victim != null) {
                recording.fault(tasks.now(), victim);
                killing = victim;
                Processes.exit(victim, ExitReason.KILL);
            }
        } catch (ExitException mine) {
            Thread.onSpinWait(); // the current process was killed, and notices it by itself
        } catch (RuntimeException | Error thrown) { // by the registry of a name
            broken = thrown;
        } finally {
            boolean has = holder == me; // a registry that waits loses the baton
            killing = has ? null : killing;
            inside = !has && inside;
        }
        if (broken != null) {
            fail(me, broken);
        }
    }

    /// Ends the run. The holder; it goes on when the run is over.
    private void fail(Task me, Throwable why) {
        checkHas(me);
        if (failure == null) {
            failure = why;
        }
        hand(me, control);
        if (over) {
            throw new Over();
        }
    }
}
