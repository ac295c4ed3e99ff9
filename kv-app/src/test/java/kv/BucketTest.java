package kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class BucketTest {

    private Server<Bucket> bucket;

    @BeforeEach
    void start(TestSupervisor test) {
        bucket = test.startSupervised(Bucket::startLink);
    }

    @Test
    void stores_values_by_key() {
        assertThat(Bucket.get(bucket, "milk")).isEmpty();

        Bucket.put(bucket, "milk", 3);
        assertThat(Bucket.get(bucket, "milk")).contains(3);
    }

    @Test
    void delete_returns_the_value_it_removes() {
        Bucket.put(bucket, "milk", 3);

        assertThat(Bucket.delete(bucket, "milk")).contains(3);
        assertThat(Bucket.delete(bucket, "milk")).isEmpty();
        assertThat(Bucket.get(bucket, "milk")).isEmpty();
    }

    /// The first session of the guide's chapter: a bucket with the name `shopping`.
    @Test
    void can_be_reached_by_name(TestSupervisor test) {
        test.startSupervised(() -> Bucket.startLink(StartOption.name("shopping")));
        Server<Bucket> shopping = Server.named("shopping", Bucket.class);

        Bucket.put(shopping, "milk", 1);

        assertThat(Bucket.get(shopping, "milk")).contains(1);
    }
}
