package kv.nodes;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a bucket has under a key.
///
/// @param value the value; empty if the bucket does not have the key
public record Entry(Optional<String> value) {

    static Entry of(@Nullable String value) {
        return new Entry(Optional.ofNullable(value));
    }
}
