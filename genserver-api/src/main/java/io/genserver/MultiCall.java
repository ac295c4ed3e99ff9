package io.genserver;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What [GenServer#multiCall] came to.
///
/// @param replies the replies of the servers that replied in time
/// @param failed the others, with [ExitReason#NOPROC], [ExitReason#TIMEOUT] or why they ended
/// @param <R> the type of the replies
public record MultiCall<R extends @Nullable Object>(
        Map<ServerRef, R> replies, Map<ServerRef, ExitReason> failed) {}
