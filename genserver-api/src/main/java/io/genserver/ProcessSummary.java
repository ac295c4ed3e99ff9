package io.genserver;

import java.time.Instant;
import java.util.Optional;

/// The figures of a live process. A look at them takes no lock and copies no messages, so all
/// processes of a node can be looked at often. [ProcessInfo] has more, for one process.
///
/// The values of one summary are not of exactly the same moment.
///
/// @param pid the process
/// @param registeredName its local name
/// @param initialCall the code it runs, as in [ProcessInfo#initialCall]
/// @param status what it is doing
/// @param handled how many messages it has handled; after 2^32 it begins again at 0
/// @param messageQueueLength the number of messages in its mailbox
/// @param longestMessageQueue the highest number of messages that it has found in its mailbox. A
///   process looks when it begins to work and after every 64 messages.
/// @param startedAt when it was started, exact to 20 ms
/// @param parent the process that started it, by its name if it had one
/// @param waitsFor the server whose reply it waits for
public record ProcessSummary(
        Pid pid,
        Optional<String> registeredName,
        String initialCall,
        ProcessInfo.Status status,
        long handled,
        int messageQueueLength,
        int longestMessageQueue,
        Instant startedAt,
        Optional<ServerRef> parent,
        Optional<Pid> waitsFor) {}
