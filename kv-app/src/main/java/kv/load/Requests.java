package kv.load;

import java.util.SplittableRandom;
import java.util.function.IntSupplier;

/// Chooses requests at random. The same settings give the same requests.
final class Requests {

    private final SplittableRandom random = new SplittableRandom(1);
    private final Mix mix;
    private final IntSupplier keys;

    Requests(Settings settings) {
        this.mix = settings.mix();
        this.keys = settings.distribution().over(settings.keys(), random);
    }

    /// Appends the next request to the output of a connection.
    void addTo(Connection connection, long start) {
        connection.add(mix.pick(random), keys.getAsInt(), start);
    }
}
