package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

class FlightRecordingTest {

    private static boolean listens() {
        return Listeners.added() != null;
    }

    private static boolean seesTurns() {
        return TurnListeners.active != null;
    }

    @Test
    void listens_only_while_there_is_a_recording() {
        assertThat(LocalNode.DEFAULT.isOpen()).isTrue(); // loads the runtime
        assertThat(listens()).isFalse();
        try (Recording one = new Recording();
                Recording other = new Recording()) {
            one.start();
            other.start();
            one.stop();
            assertThat(listens()).isTrue();
            assertThat(seesTurns()).isTrue();
        }
        assertThat(listens()).isFalse();
        assertThat(seesTurns()).isFalse();
    }

    @Test
    void leaves_turns_alone_if_the_recording_wants_neither_turns_nor_calls() {
        assertThat(LocalNode.DEFAULT.isOpen()).isTrue();
        try (Recording recording = new Recording()) {
            recording.disable("io.genserver.Turn");
            recording.disable("io.genserver.Call");
            recording.start();
            assertThat(listens()).isTrue();
            assertThat(seesTurns()).isFalse();
        }
    }
}
