import static org.junit.jupiter.api.Assertions.assertEquals;

import io.genserver.GenServer;
import io.genserver.Server;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class CounterTest {

    @Test
    void counts(TestSupervisor test) {
        Server<Counter> counter = test.startSupervised(() -> GenServer.startLink(Counter::new, 40));

        GenServer.cast(counter, new Counter.Add(2));

        int count = GenServer.call(counter, new Counter.Value());
        assertEquals(42, count);
    }
}
