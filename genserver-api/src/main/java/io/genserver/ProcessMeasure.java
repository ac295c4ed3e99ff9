package io.genserver;

/// What processes are compared by, see [Processes#top]. Source: the attributes of
/// `:recon.proc_count`.
public enum ProcessMeasure {
    /// How many messages a process has handled. Takes the place of the BEAM's reductions.
    HANDLED {
        @Override
        long of(ProcessSummary process) {
            return process.handled();
        }

        // The number may have begun again at 0.
        @Override
        long growth(long before, long now) {
            return Integer.toUnsignedLong((int) (now - before));
        }
    },
    /// How many messages are in its mailbox.
    MESSAGE_QUEUE_LENGTH {
        @Override
        long of(ProcessSummary process) {
            return process.messageQueueLength();
        }
    },
    /// The highest number of messages that it has found in its mailbox.
    LONGEST_MESSAGE_QUEUE {
        @Override
        long of(ProcessSummary process) {
            return process.longestMessageQueue();
        }
    };

    abstract long of(ProcessSummary process);

    long growth(long before, long now) {
        return now - before;
    }

    /// A process and its value.
    ///
    /// @param process the process
    /// @param value the value, or by how much it has grown
    public record Ranked(ProcessSummary process, long value) {}
}
