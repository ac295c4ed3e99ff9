package io.genserver.supervisor;

import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A supervisor with one server for each key, such as a customer, a session or a document. A server
/// starts when something is sent to its key, and may end when nobody has used it for a while.
///
/// ```java
/// static final KeyedSupervisor<String, Limiter> LIMITERS =
///         KeyedSupervisor.of("Limiters", Limiter::new)          // Limiter(String customer)
///                 .withIdleTimeout(Duration.ofMinutes(10));
///
/// Supervisor.startLink(List.of(LIMITERS.childSpec(), …), flags);
///
/// boolean allowed = GenServer.call(LIMITERS.server(customer), new TryAcquire());
/// ```
///
/// Declare it once, as a constant, and run it as a child of a supervisor. [#server] returns a typed
/// reference that works with every function: `call`, `callAsync`, `cast`, `Processes.send`, timers.
///
/// ## The life of a server
///
/// - What is sent to a key without a server starts one. It is linked to this supervisor, and its
///   `init` runs in its own process. So a thousand slow inits run side by side, and a slow one
///   holds up only the callers of its key, for at most their own timeouts. If `init` fails, the
///   calls that wait fail with its reason, and the next call starts another server.
/// - A key never has two servers, unless this supervisor is killed while a server that traps exits
///   goes on. A server that starts while the one before it is ending begins its `init` when that
///   one has ended.
/// - The server of a key is loaded in its `init` and saved in its [GenServer#terminate], if its
///   state has to outlive it.
/// - If a server crashes, the crash is logged, and the next call starts another one. The others go
///   on.
/// - When this supervisor stops, it stops all servers at the same time, each as [#withShutdown]
///   says. Their `terminate` runs then, too.
///
/// ## Passivation
///
/// With [#withIdleTimeout] the supervisor ends servers that nobody has used for a time. With
/// [#withLimit] a server may have to end to make room. Either way it first handles what is in its
/// mailbox, then runs `terminate`, then ends with `shutdown`. A server is in use from the moment a
/// caller finds it until its call is answered, or until a cast or message is in its mailbox. A
/// server in use is never passivated, so no request is lost. There is no limit for how long it
/// takes over that; the key's next server waits. Requests whose sender does not wait, of
/// `callAsync` and `sendRequest`, count as casts here.
///
/// A call whose server stops itself before it has begun to handle it is sent to the key's next
/// server, within the timeout of the call. If a server crashes, the calls that it has fail with its
/// reason.
///
/// ## When not to use it
///
/// For values without a behaviour of their own, a `ConcurrentHashMap` is smaller and faster. For
/// children that have to run whether or not somebody uses them, use a [DynamicSupervisor].
///
/// Source: OTP has none. Akka calls its own cluster sharding; Orleans calls the servers grains.
///
/// @param <K> the type of the keys, which need `equals` and `hashCode`
/// @param <G> the class of the servers
public final class KeyedSupervisor<K, G> implements ViaRegistry {

    /// What happens if a server is to start and the limit is reached.
    public enum AtLimit {
        /// A server that nobody uses is passivated, roughly the one that was not used for the
        /// longest time. If all are in use, the new server waits for the first one that is not.
        PASSIVATE,
        /// The new server waits until another one ends.
        WAIT
    }

    private final String name;
    private final KeyedServers.Settings<K, G> settings;

    /// The current run on each node. Set by the supervisor of that run, read by any thread.
    private final PerNode<KeyedServers<K, G>> run = new PerNode<>();

    private KeyedSupervisor(String name, KeyedServers.Settings<K, G> settings) {
        this.name = new Name(Arguments.notNull(name, "name")).name();
        this.settings = settings;
    }

    /// Declares a supervisor whose servers never end by themselves, and may be any number.
    ///
    /// If the compiler cannot tell the type of the keys, state it: `(String key) -> …`.
    ///
    /// @param name the name of the supervisor process, not blank
    /// @param server makes the server of a key; runs in the server's process, in each start
    /// @param options the options of each server, without a name; see [StartOption]. Each server
    ///   also has [StartOption#terminateOnExit].
    /// @param <K> the type of the keys
    /// @param <G> the class of the servers
    /// @return the supervisor, which does not run yet
    /// @throws IllegalArgumentException if the name is blank or the options contain a name
    public static <K, G extends GenServer<Ok, ?, ?, ?>> KeyedSupervisor<K, G> of(
            String name, Function<? super K, ? extends G> server, StartOption... options) {
        for (StartOption option : Arguments.notNull(options, "options")) {
            if (option instanceof StartOption.Named(ServerRef taken)) {
                throw new IllegalArgumentException(
                        "expected no name among the options, because there are many servers,"
                                + " got: "
                                + taken);
            }
        }
        return new KeyedSupervisor<>(
                name,
                new KeyedServers.Settings<>(
                        name,
                        Arguments.notNull(server, "server"),
                        withTerminate(options),
                        Shutdown.within(Duration.ofSeconds(5)),
                        null,
                        (_, _) -> true,
                        Integer.MAX_VALUE,
                        AtLimit.WAIT));
    }

    /// A state that `terminate` saves has to be saved also when the whole tree stops.
    private static List<StartOption> withTerminate(StartOption... options) {
        List<StartOption> all = new ArrayList<>(List.of(options));
        all.add(StartOption.terminateOnExit());
        return all;
    }

    /// Returns another supervisor with the same name that passivates servers. Use only the result,
    /// because both have the same name.
    ///
    /// @param idle after how long without use a server ends, more than 0; it takes up to a quarter
    ///   longer
    /// @return the changed supervisor
    /// @throws IllegalArgumentException if the time is not more than 0
    public KeyedSupervisor<K, G> withIdleTimeout(Duration idle) {
        return withIdleTimeout(idle, (_, _) -> true);
    }

    /// Returns another supervisor with the same name that passivates servers unless a function
    /// objects. Use only the result, because both have the same name.
    ///
    /// @param idle after how long without use a server ends, more than 0; it takes up to a quarter
    ///   longer
    /// @param mayEnd whether the server of a key may end; if not, it is asked again after the same
    ///   time without use; runs in a process of its own and may call the server that it gets, while
    ///   a call through [#server] would count as use; if it throws, the server does not end. It is
    ///   not asked if a server ends to make room.
    /// @return the changed supervisor
    /// @throws IllegalArgumentException if the time is not more than 0
    public KeyedSupervisor<K, G> withIdleTimeout(
            Duration idle, BiPredicate<? super K, Server<G>> mayEnd) {
        if (!Arguments.notNull(idle, "idle").isPositive()) {
            throw new IllegalArgumentException(
                    "expected the idle timeout to be more than 0, got: " + idle);
        }
        return new KeyedSupervisor<>(
                name, settings.withIdle(idle, Arguments.notNull(mayEnd, "mayEnd")));
    }

    /// Returns another supervisor with the same name and a limit. Use only the result, because both
    /// have the same name.
    ///
    /// A server waits for room before its `init`. [StartOption#initTimeout], if it is set, includes
    /// this wait. With [AtLimit#PASSIVATE], each server that starts while all others are in use
    /// looks at all of them for one that could make room. So the limit should be well above the
    /// number in use.
    ///
    /// @param servers how many servers may run at a time, 1 or more
    /// @param atLimit what happens if one more is to start
    /// @return the changed supervisor
    /// @throws IllegalArgumentException if the number is less than 1
    public KeyedSupervisor<K, G> withLimit(int servers, AtLimit atLimit) {
        if (servers < 1) {
            throw new IllegalArgumentException(
                    "expected the limit to be 1 server or more, got: " + servers);
        }
        return new KeyedSupervisor<>(
                name, settings.withLimit(servers, Arguments.notNull(atLimit, "atLimit")));
    }

    /// Returns another supervisor with the same name and another way to stop its servers when it
    /// stops itself, by default within 5 s. With [Shutdown#brutalKill] it also passivates servers
    /// by a kill. Use only the result, because both have the same name.
    ///
    /// @param shutdown how a server is stopped
    /// @return the changed supervisor
    public KeyedSupervisor<K, G> withShutdown(Shutdown shutdown) {
        return new KeyedSupervisor<>(
                name, settings.withShutdown(Arguments.notNull(shutdown, "shutdown")));
    }

    /// Starts the supervisor and links it to the calling process.
    ///
    /// @return how the start went; fails with [io.genserver.ExitReason.AlreadyStarted] if it
    ///   already runs
    /// @throws io.genserver.ExitException as [GenServer#startLink] does
    public Start<KeyedSupervisor<K, G>> startLink() {
        return Starting.typed(
                GenServer.startLink(
                        KeyedSupervisorServer<K, G>::new,
                        new KeyedSupervisorServer.Argument<>(settings, run::set),
                        StartOption.name(name)));
    }

    /// Returns the specification of the supervisor, with its name as the id.
    ///
    /// @return the specification
    public ChildSpec<KeyedSupervisor<K, G>> childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    /// Returns a reference to the server of a key, whether or not it runs. Something that is sent
    /// through the reference starts the server if there is none. `GenServer.whereis`, monitors,
    /// `stop` and the functions of `Sys` do not start it.
    ///
    /// @param key the key
    /// @return the reference
    public Server<G> server(K key) {
        return Server.of(ServerRef.via(this, Arguments.notNull(key, "key")));
    }

    /// Stops the server of a key after the messages in its mailbox, and waits until it has ended. A
    /// server that is sent something afterwards is a new one. Does nothing if there is none.
    ///
    /// @param key the key
    /// @throws io.genserver.CallException if the calling thread is interrupted; the server still
    ///   stops
    /// @throws io.genserver.ExitException if the calling process ends while it waits
    /// @throws IllegalStateException if the server calls this for its own key
    public void stop(K key) {
        Arguments.notNull(key, "key");
        KeyedServers<K, G> servers = running();
        if (servers != null) {
            servers.stop(key);
        }
    }

    /// Returns how many keys have a server, including those that are starting or wait for room.
    ///
    /// @return the number, 0 or more; 0 if the supervisor does not run
    public int count() {
        KeyedServers<K, G> servers = running();
        return servers == null ? 0 : servers.count().specs();
    }

    /// Returns the keys that have a server, in no particular order.
    ///
    /// @return the keys at one moment, roughly; empty if the supervisor does not run
    public List<K> keys() {
        KeyedServers<K, G> servers = running();
        return servers == null ? List.of() : servers.keys();
    }

    private @Nullable KeyedServers<K, G> running() {
        KeyedServers<K, G> servers = run.get();
        return servers == null || !servers.isRunning() ? null : servers;
    }

    private NotRunningException notRunning() {
        return new NotRunningException(
                "expected the keyed supervisor "
                        + name
                        + " to run, but it does not: start it, or have it as a child of a"
                        + " supervisor");
    }

    // ViaRegistry

    /// Returns false, because only this supervisor starts the servers of its keys.
    @Override
    public boolean registerName(Object key, Pid pid) {
        Arguments.notNull(key, "key");
        Arguments.notNull(pid, "pid");
        return false;
    }

    /// Does nothing, because the end of a server frees its key.
    @Override
    public void unregisterName(Object key) {
        Arguments.notNull(key, "key");
    }

    /// @throws io.genserver.ExitException with [io.genserver.ExitReason#NOPROC] if the supervisor
    ///   does not run
    @Override
    public Optional<Pid> whereisName(Object key) {
        K known = typed(key);
        KeyedServers<K, G> servers = running();
        if (servers == null) {
            throw notRunning();
        }
        return servers.find(known);
    }

    /// @throws io.genserver.ExitException with [io.genserver.ExitReason#NOPROC] if the supervisor
    ///   does not run
    @Override
    public Optional<Pid> acquire(Object key) {
        K known = typed(key);
        KeyedServers<K, G> servers = run.get();
        return Optional.of(
                (servers == null ? Optional.<Pid>empty() : servers.acquire(known))
                        .orElseThrow(this::notRunning));
    }

    @Override
    public boolean startsOnDemand() {
        return true;
    }

    @Override
    public void release(Object key, Pid pid) {
        K known = typed(key);
        Arguments.notNull(pid, "pid");
        KeyedServers<K, G> servers = run.get();
        if (servers != null) {
            servers.release(known, pid);
        }
    }

    @SuppressWarnings("unchecked") // only server(K) makes references with a key
    private K typed(Object key) {
        return (K) Arguments.notNull(key, "key");
    }

    /// Returns the name.
    @Override
    public String toString() {
        return name;
    }
}
