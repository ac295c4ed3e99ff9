package io.genserver.benchmarks;

import java.io.IOException;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/// What the JDK's flight recorder does while a contestant is measured.
enum Recordings {
    /// It was never used.
    NONE,
    /// It records with the JDK's default settings.
    ONE,
    /// A recording has ended.
    ENDED;

    void begin() throws IOException, ParseException {
        if (this != NONE) {
            Recording recording = new Recording(Configuration.getConfiguration("default"));
            recording.start();
            if (this == ENDED) {
                recording.close();
            }
        }
    }
}
