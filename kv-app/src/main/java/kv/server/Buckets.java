package kv.server;

import io.genserver.Call;
import io.genserver.Pid;
import io.genserver.RequestId;
import io.genserver.supervisor.ChildSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import kv.nodes.Entry;

/// The buckets by name, of one program or of several nodes. Any process may use it.
interface Buckets {

    /// A write: done, or on its way.
    sealed interface Begun {
        record Done(Outcome outcome) implements Begun {}

        record Waits(RequestId<Outcome> request) implements Begun {}
    }

    /// Returns the processes that find and supervise buckets, in the order of their start.
    List<ChildSpec<?>> childSpecs();

    /// Creates a bucket, unless there is one of that name.
    Outcome create(String name);

    /// Returns what a bucket has under a key.
    ///
    /// @return empty if there is no such bucket
    Optional<Entry> get(String bucket, String key);

    /// Begins a write. What is not done yet comes to the current process as a response.
    <Q extends Bucket.Request & Call<Outcome>> Begun write(String bucket, Q request);

    /// Sends all changes from now on to a process, as [Subscriber.Changed].
    ///
    /// @return the process whose end ends the subscription; empty if there is no such bucket
    Optional<Pid> subscribe(String bucket, Subscriber subscriber);

    /// Describes the first buckets in alphabetical order, a line for each.
    List<String> list(int most);

    /// Returns the lines about the buckets for `INFO`.
    List<String> info();

    /// Returns the lines about the buckets for `STATS`.
    List<String> stats();

    /// Returns the name of the bucket that a process of this program is.
    Optional<String> nameOf(Pid bucket);

    /// Prepares the start of the processes.
    ///
    /// @throws IOException if they cannot be started
    default void open() throws IOException {}

    /// Prepares the end of the processes, while all still run.
    default void prepareStop() {}

    /// Ends what [#open] has begun. All processes have ended.
    default void close() {}
}
