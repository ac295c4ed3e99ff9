package io.genserver.supervisor;

/// Decides the children of a supervisor. It runs in the supervisor when that starts, and again each
/// time the supervisor itself is restarted.
///
/// If the children are known beforehand, give the list to [Supervisor#startLink] instead.
///
/// ```java
/// final class Shards implements SupervisorModule<Integer> {
///     @Override public SupervisorInit init(Integer count) {
///         List<ChildSpec> shards = IntStream.range(0, count).mapToObj(Shard::childSpec).toList();
///         return SupervisorInit.of(shards, SupervisorFlags.of(Strategy.ONE_FOR_ONE));
///     }
/// }
///
/// Supervisor.startLink(new Shards(), 8);
/// ```
///
/// Source: `use Supervisor`.
///
/// @param <A> the type of the argument of `init`
@FunctionalInterface
public interface SupervisorModule<A> {

    /// Returns what to supervise. Runs in the supervisor.
    ///
    /// @param argument the argument given to [Supervisor#startLink]
    /// @return the children and flags, or ignore
    /// @throws Exception if the supervisor cannot start; the start then fails with this exception
    ///   as the reason
    SupervisorInit init(A argument) throws Exception;
}
