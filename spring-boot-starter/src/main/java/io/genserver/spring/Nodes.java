package io.genserver.spring;

import io.genserver.Node;
import org.springframework.core.env.Environment;

/// The node of an application context.
final class Nodes {

    private Nodes() {}

    /// Starts a node with the name that the properties say.
    static Node start(GenServerProperties properties, Environment environment) {
        String name =
                properties.nodeName() == null
                        ? environment.getProperty("spring.application.name", "")
                        : properties.nodeName();
        return name.isBlank() ? Node.start() : start(name);
    }

    private static Node start(String name) {
        for (int number = 1; ; number++) {
            try {
                return Node.start(number == 1 ? name : name + "-" + number);
            } catch (IllegalArgumentException taken) {
                if (number == 1_000) {
                    throw taken;
                }
            }
        }
    }

    /// Runs a task that acts on a node. A task that comes when the context is closing runs too, but
    /// finds no process.
    static void run(Node node, Runnable task) {
        if (node.isOpen()) {
            node.run(task);
        } else {
            task.run();
        }
    }
}
