package kv.nodes;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.Ref;
import java.util.Optional;
import java.util.function.BiPredicate;
import kv.nodes.NodeBucket.Changed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process behind a subscription, on the node of the subscriber. It passes changes on, and
/// subscribes again when the bucket has moved.
///
/// @param buckets the buckets
/// @param bucket the name of the bucket
/// @param subscriber the process whose end ends the subscription
/// @param change gets the changes, and ends the subscription with false
record Follower(
        NodeBuckets buckets,
        String bucket,
        Pid subscriber,
        BiPredicate<String, Optional<String>> change)
        implements ProcessBody {

    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    @Override
    public void run() {
        Ref end = Processes.monitor(subscriber);
        try {
            boolean goesOn = true;
            while (goesOn) {
                Optional<Pid> source = buckets.subscribe(bucket);
                goesOn = source.isPresent() && follow(Processes.monitor(source.get()), end);
            }
        } catch (CallException failed) {
            log.debug("A subscription of {} ends: {}", bucket, failed.getMessage());
        }
    }

    /// Passes changes on until a process ends.
    ///
    /// @return whether it was the bucket's process
    private boolean follow(Ref source, Ref end) {
        while (true) {
            Object message = Processes.receive();
            switch (message) {
                case Changed(String key, Optional<String> value) -> {
                    if (!change.test(key, value)) {
                        return false;
                    }
                }
                case Down(Ref monitor, var _, var _) when monitor.equals(source) -> {
                    return true;
                }
                case Down(Ref monitor, var _, var _) when monitor.equals(end) -> {
                    return false;
                }
                default -> log.debug("An unexpected message: {}", message);
            }
        }
    }
}
