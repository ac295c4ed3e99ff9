package kv.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineInputTest {

    private static final LineInput.Progress NONE =
            new LineInput.Progress() {
                @Override
                public void awaitsLine() {}

                @Override
                public void awaitsRest(byte first) {}
            };

    /// Gives its bytes in pieces of random sizes, as a network does.
    private static InputStream inPieces(String text, Random random) {
        return new ByteArrayInputStream(Words.bytes(text)) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, 1 + random.nextInt(40)));
            }
        };
    }

    private static LineInput input(InputStream in, int longest) {
        return new LineInput(in, new Buffers(Long.MAX_VALUE), longest, NONE);
    }

    private static List<Request> all(LineInput input) throws IOException {
        List<Request> requests = new ArrayList<>();
        while (input.awaitLine()) {
            requests.add(input.takeRequest());
        }
        return requests;
    }

    @Test
    void lines_end_with_lf_or_cr_lf() throws IOException {
        LineInput input =
                input(inPieces("CREATE a\nCREATE b\r\n\nCREATE c\r\n", new Random(1)), 100);

        assertThat(all(input))
                .containsExactly(
                        new Request.Create("a"),
                        new Request.Create("b"),
                        new Request.Unknown(),
                        new Request.Create("c"));
    }

    @Test
    void a_line_without_an_end_is_dropped() throws IOException {
        assertThat(all(input(inPieces("CREATE a\nCREATE b", new Random(1)), 100)))
                .containsExactly(new Request.Create("a"));
    }

    /// 200 streams of up to 60 lines, of which some do not fit into a buffer.
    @Test
    void however_the_bytes_arrive_the_lines_are_the_same() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            List<Request> expected = new ArrayList<>();
            for (int line = random.nextInt(60); line >= 0; line--) {
                int length = random.nextInt(20) == 0 ? random.nextInt(3 * Buffers.SIZE) : 5;
                String value = "v".repeat(length + 1);
                text.append("PUT a k ").append(value).append(random.nextBoolean() ? "\r\n" : "\n");
                expected.add(new Request.Put("a", "k", value));
            }

            assertThat(all(input(inPieces(text.toString(), random), 4 * Buffers.SIZE)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void a_line_of_the_longest_length_is_taken() throws IOException {
        assertThat(all(input(inPieces("CREATE abc\n", new Random(1)), 10)))
                .containsExactly(new Request.Create("abc"));
    }

    @Test
    void a_longer_line_is_refused_with_or_without_its_end() {
        for (String end : List.of("\n", "")) {
            assertThatThrownBy(() -> all(input(inPieces("CREATE abcd" + end, new Random(1)), 10)))
                    .isInstanceOf(LineInput.TooLong.class)
                    .hasMessage("expected a line of at most 10 bytes");
        }
    }

    @Test
    void an_endless_line_is_refused_before_it_fills_the_memory() {
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return 'x';
                    }

                    @Override
                    public int read(byte[] bytes, int offset, int length) {
                        java.util.Arrays.fill(bytes, offset, offset + length, (byte) 'x');
                        return length;
                    }
                };

        assertThatThrownBy(() -> input(endless, 1 << 20).awaitLine())
                .isInstanceOf(LineInput.TooLong.class);
    }
}
