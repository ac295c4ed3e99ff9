package io.genserver.supervisor;

/// A supervisor whose children are decided when it starts, in its own process, and decided anew
/// when it is itself restarted. For children that are known beforehand, give the list to
/// [Supervisor#startLink] instead.
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
/// @param <A> the argument of init
@FunctionalInterface
public interface SupervisorModule<A> {

    /// Says what to supervise.
    ///
    /// @param argument the argument given to [Supervisor#startLink]
    /// @return the children and flags, or ignore
    /// @throws Exception if the supervisor cannot start; the starter gets it as the reason
    SupervisorInit init(A argument) throws Exception;
}
