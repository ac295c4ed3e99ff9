package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationTest {

    @TempDir private Path folder;

    @Test
    void a_short_secret_is_refused_with_its_length() throws Exception {
        assertThatThrownBy(() -> Replication.of("fifteen letters"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected a secret of 16 bytes or more")
                .hasMessageEndingWith("got: 15 bytes");
        Path file =
                Files.writeString(folder.resolve("secret"), "short\nthe second line counts not\n");
        assertThatThrownBy(() -> Replication.ofFile(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got: 5 bytes");
        assertThatThrownBy(() -> Replication.of(" ".repeat(16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a secret, got a blank one");
    }

    @Test
    void a_secret_of_16_bytes_is_accepted() {
        assertThat(Replication.of("sixteen letters.").secret()).hasSize(16);
        assertThat(Replication.of("é".repeat(8)).secret()).hasSize(8);
    }
}
