package io.genserver;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The result of [GenServer#multiCall].
///
/// @param replies the replies of the servers that replied in time
/// @param failed each other server, with [ExitReason#NOPROC], [ExitReason#TIMEOUT],
///   [ExitReason#CALLING_SELF], [ExitReason#INTERRUPTED], [ExitReason#MAILBOX_FULL],
///   [ExitReason.NodeDown], or the reason with which it ended
/// @param <R> the type of the replies
public record MultiCall<R extends @Nullable Object>(
        Map<ServerRef, R> replies, Map<ServerRef, ExitReason> failed) {}
