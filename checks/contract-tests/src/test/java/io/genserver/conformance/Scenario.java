package io.genserver.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// One line of a corpus: steps, each with what was observed on the BEAM after it.
///
/// @param name the name in the corpus
/// @param steps the steps in order
record Scenario(String name, List<Step> steps) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// One step.
    ///
    /// @param action the operation and its fields
    /// @param expected what was observed on the BEAM
    record Step(JsonNode action, JsonNode expected) {}

    /// Tells whether a call waits for its whole timeout, because it gets no reply.
    boolean waits() {
        return steps.stream()
                .anyMatch(step -> step.expected().get("result").asString().equals("exit:timeout"));
    }

    static List<Scenario> readAll(Path file) throws IOException {
        List<Scenario> all = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank()) {
                JsonNode node = JSON.readTree(line);
                List<Step> steps = new ArrayList<>();
                for (JsonNode step : node.get("steps")) {
                    steps.add(new Step(step.get("do"), step.get("see")));
                }
                all.add(new Scenario(node.get("name").asString(), steps));
            }
        }
        return all;
    }
}
