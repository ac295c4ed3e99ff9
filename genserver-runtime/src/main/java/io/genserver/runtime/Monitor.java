package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.MonitorOption;
import io.genserver.MonitorOption.AliasMode;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.TaggedDown;
import org.jspecify.annotations.Nullable;

/// One monitor. It is its own reference, and an alias if that was asked for. It is in force while
/// the relations of its watcher contain it. It knows both processes only by pid, because a
/// reference may be kept long after they are dead.
sealed class Monitor extends Alias permits ExitListener {

    /// The options of a monitor.
    ///
    /// @param alias when the alias ends, or null for none
    /// @param tag what the message begins with, or null for a Down
    record Options(@Nullable AliasMode alias, @Nullable Object tag) {

        static final Options NONE = new Options(null, null);

        /// Combines the options. If an option is given twice, the later one counts.
        static Options of(MonitorOption... options) {
            Options result = NONE;
            for (MonitorOption option : options) {
                result =
                        switch (option) {
                            case MonitorOption.Alias(AliasMode mode) ->
                                    new Options(mode, result.tag);
                            case MonitorOption.Tag(Object tag) -> new Options(result.alias, tag);
                        };
            }
            return result;
        }
    }

    final @Nullable ProcessPid target; // null: there was no process
    final ServerRef object;
    private final Options options;

    Monitor(ProcessPid watcher, @Nullable ProcessPid target, ServerRef object, Options options) {
        super(watcher, options.alias() != null, options.alias() == AliasMode.REPLY_DEMONITOR);
        this.target = target;
        this.object = object;
        this.options = options;
    }

    @Override
    final boolean isAlias() {
        return options.alias() != null;
    }

    /// Returns the process that it is about, also if that had ended before; null if there was no
    /// process with the name.
    final @Nullable Pid observed() {
        return target == null && object instanceof Pid gone ? gone : target;
    }

    /// Returns whether a user has set it, rather than the runtime.
    boolean isOfUser() {
        return true;
    }

    /// Ends the alias, unless it is to be ended explicitly. Called when the monitor has fired or
    /// was removed. Guarded by the watcher.
    final void ended() {
        if (options.alias() != AliasMode.EXPLICIT_UNALIAS) {
            end();
        }
    }

    /// Returns whether a message is the one that this monitor has delivered.
    final boolean isDown(Object message) {
        return switch (message) {
            case Down down -> down.ref().equals(this);
            case TaggedDown down -> down.ref().equals(this);
            default -> false;
        };
    }

    final Object down(ExitReason reason) {
        Object tag = options.tag();
        return tag == null
                ? new Down(this, object, reason)
                : new TaggedDown(tag, this, object, reason);
    }
}
