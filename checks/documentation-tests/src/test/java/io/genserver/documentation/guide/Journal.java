package io.genserver.documentation.guide;

import static io.genserver.CastResult.noreply;

import io.genserver.*;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

final class Journal implements GenServer<Path, Writer, Object, Journal.Line> {

    record Line(String text) {}

    static Start<Journal> startLink(Path file) {
        return GenServer.startLink(Journal::new, file, StartOption.terminateOnExit());
    }

    @Override
    public Init<Writer> init(Path file) throws IOException {
        Writer writer = Files.newBufferedWriter(file);
        Processes.onExit(writer);
        return Init.ok(writer);
    }

    @Override
    public CastResult<Writer> handleCast(Line line, Writer writer) throws IOException {
        writer.write(line.text() + "\n");
        return noreply(writer);
    }

    @Override
    public void terminate(ExitReason reason, Writer writer) throws IOException {
        writer.write("closed: " + reason + "\n");
        writer.close();
    }
}
