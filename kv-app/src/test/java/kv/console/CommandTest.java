package kv.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTest {

    @Test
    void words_are_separated_by_any_white_space() throws BadCommand {
        assertThat(Command.parse("  put\tshopping  milk   1 "))
                .isEqualTo(new Command.Put("shopping", "milk", "1"));
    }

    @Test
    void a_sent_message_is_the_rest_of_the_line() throws BadCommand {
        assertThat(Command.parse("send KV.Registry hello  there"))
                .isEqualTo(new Command.Send("KV.Registry", "hello  there"));
    }

    @Test
    void every_command_of_the_help_is_understood() throws BadCommand {
        for (Usage usage : Command.ALL) {
            assertThat(Command.parse(usage.usage())).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "put shopping milk | expected \"put BUCKET KEY VALUE\", got: put shopping milk",
                "put a b c d       | expected \"put BUCKET KEY VALUE\", got: put a b c d",
                "get               | expected \"get BUCKET KEY\", got: get",
                "list all          | expected \"list\", got: list all",
                "send me           | expected \"send NAME MESSAGE\", got: send me",
            })
    void a_wrong_number_of_words_shows_the_usage(String line, String message) {
        assertThatThrownBy(() -> Command.parse(line)).hasMessage(message);
    }

    @Test
    void an_unknown_command_lists_the_known_ones() {
        assertThatThrownBy(() -> Command.parse("PUT a b c"))
                .hasMessage(
                        "expected a command, one of create, lookup, put, get, delete, list, stop,"
                                + " crash, send, monitor, flush, tree, help, exit, got: PUT");
    }
}
