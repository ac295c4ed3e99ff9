package kv.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {

    private static final String BLANKS = " \t\r\u000b\f";

    // The seven examples of the guide's parser

    @Test
    void create_has_a_bucket() {
        assertThat(Request.parse("CREATE shopping\r\n")).isEqualTo(new Request.Create("shopping"));
    }

    @Test
    void any_number_of_blanks_separates_words() {
        assertThat(Request.parse("CREATE  shopping  \r\n"))
                .isEqualTo(new Request.Create("shopping"));
    }

    @Test
    void put_has_a_bucket_a_key_and_a_value() {
        assertThat(Request.parse("PUT shopping milk 1\r\n"))
                .isEqualTo(new Request.Put("shopping", "milk", "1"));
    }

    @Test
    void get_has_a_bucket_and_a_key() {
        assertThat(Request.parse("GET shopping milk\r\n"))
                .isEqualTo(new Request.Get("shopping", "milk"));
    }

    @Test
    void delete_has_a_bucket_and_a_key() {
        assertThat(Request.parse("DELETE shopping eggs\r\n"))
                .isEqualTo(new Request.Delete("shopping", "eggs"));
    }

    @Test
    void an_unknown_word_is_no_command() {
        assertThat(Request.parse("UNKNOWN shopping eggs\r\n")).isEqualTo(new Request.Unknown());
    }

    @Test
    void a_command_with_a_missing_word_is_no_command() {
        assertThat(Request.parse("GET shopping\r\n")).isEqualTo(new Request.Unknown());
    }

    @Test
    void subscribe_has_a_bucket() {
        assertThat(Request.parse("SUBSCRIBE shopping"))
                .isEqualTo(new Request.Subscribe("shopping"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "   ",
                "create shopping",
                "CREATE",
                "CREATE a b",
                "PUT a b",
                "PUT a b c d",
                "GET a b c",
                "DELETE a",
                "SUBSCRIBE",
                "SUBSCRIBE a b",
                "AUTH",
                "TREE x",
                "STATS STATS"
            })
    void other_lines_are_no_commands(String line) {
        assertThat(Request.parse(line)).isEqualTo(new Request.Unknown());
    }

    /// 2,000 random lines: whatever bytes the words have, and however they are separated, the
    /// parser finds the words that the line was made of.
    @Test
    void words_are_what_is_between_the_blanks_byte_for_byte() {
        Random random = new Random(16);
        for (int i = 0; i < 2_000; i++) {
            String bucket = word(random);
            String key = word(random);
            String value = word(random);
            String line =
                    String.join(
                            "",
                            blanks(random, 0),
                            "PUT",
                            blanks(random, 1),
                            bucket,
                            blanks(random, 1),
                            key,
                            blanks(random, 1),
                            value,
                            blanks(random, 0));

            assertThat(Request.parse(line)).isEqualTo(new Request.Put(bucket, key, value));
        }
    }

    /// Random bytes are never an error of the parser.
    @Test
    void any_bytes_are_a_request() {
        Random random = new Random(17);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);

            assertThat(Request.parse(bytes, 0, bytes.length)).isNotNull();
        }
    }

    private static String word(Random random) {
        List<Integer> bytes =
                IntStream.generate(() -> random.nextInt(256))
                        .filter(b -> b != '\n' && b != ' ' && BLANKS.indexOf(b) < 0)
                        .limit(1 + random.nextInt(20))
                        .boxed()
                        .toList();
        StringBuilder word = new StringBuilder();
        bytes.forEach(b -> word.append((char) (int) b));
        return word.toString();
    }

    private static String blanks(Random random, int least) {
        StringBuilder blanks = new StringBuilder();
        for (int i = least + random.nextInt(3); i > 0; i--) {
            blanks.append(BLANKS.charAt(random.nextInt(BLANKS.length())));
        }
        return blanks.toString();
    }

    @Test
    void a_value_and_a_token_are_not_shown() {
        assertThat(Request.parse("PUT shopping milk secret").toString())
                .isEqualTo("Put[bucket=shopping, key=milk, value of 6 bytes]");
        assertThat(Request.parse("AUTH secret").toString()).isEqualTo("Auth[token of 6 bytes]");
    }
}
