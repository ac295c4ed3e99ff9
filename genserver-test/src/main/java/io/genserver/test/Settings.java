package io.genserver.test;

import java.lang.annotation.Annotation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// What the annotations of a test and its classes, and the configuration of JUnit, say about it.
///
/// @param sharedNode whether the test runs on the default node
/// @param virtualTime whether the test owns the time of its processes
/// @param leaksAllowed whether processes may be left
/// @param crashesAllowed whether processes may crash
/// @param deadLettersFail whether a dead letter fails the test
/// @param logCaptured whether log lines are kept back
record Settings(
        boolean sharedNode,
        boolean virtualTime,
        boolean leaksAllowed,
        boolean crashesAllowed,
        boolean deadLettersFail,
        boolean logCaptured) {

    /// The configuration parameter of JUnit that allows for all tests what an annotation allows for
    /// one.
    static final String ALLOW = "genserver.test.allow";

    /// The configuration parameter of JUnit that says on which node tests run: `own`, the default,
    /// or `shared`, as if every class had [SharedNode].
    static final String NODE = "genserver.test.node";

    private static final List<String> WORDS = List.of("crashes", "leaks");

    static Settings of(ExtensionContext context) {
        List<String> allowed = allowed(context);
        boolean shared = has(context, SharedNode.class);
        boolean virtual = has(context, VirtualTime.class);
        if (shared && virtual) {
            throw new ExtensionConfigurationException(
                    "expected a test with @VirtualTime to have a node of its own, got: @SharedNode;"
                            + " remove one of the two");
        }
        return new Settings(
                !virtual && (shared || isShared(context)),
                virtual,
                allowed.contains("leaks") || has(context, AllowLeaks.class),
                allowed.contains("crashes") || has(context, AllowCrashes.class),
                has(context, FailOnDeadLetters.class),
                has(context, CaptureLog.class));
    }

    /// Returns the same settings for a test whose node others use, too.
    Settings onSharedNode() {
        return new Settings(
                true, false, leaksAllowed, crashesAllowed, deadLettersFail, logCaptured);
    }

    private static boolean isShared(ExtensionContext context) {
        String node = context.getConfigurationParameter(NODE).orElse("own").trim();
        if (!node.equals("own") && !node.equals("shared")) {
            throw new ExtensionConfigurationException(
                    "expected the configuration parameter "
                            + NODE
                            + " to be own or shared, got: "
                            + node);
        }
        return node.equals("shared");
    }

    private static List<String> allowed(ExtensionContext context) {
        List<String> words =
                context.getConfigurationParameter(ALLOW)
                        .map(text -> Arrays.asList(text.trim().split("\\s*,\\s*")))
                        .orElse(List.of());
        for (String word : words) {
            if (!WORDS.contains(word)) {
                throw new ExtensionConfigurationException(
                        "expected the configuration parameter "
                                + ALLOW
                                + " to be a list of crashes and leaks, got: "
                                + word);
            }
        }
        return words;
    }

    /// Returns whether the test, its class or a class around it has an annotation.
    private static boolean has(ExtensionContext context, Class<? extends Annotation> type) {
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            if (at.get()
                    .getElement()
                    .flatMap(element -> AnnotationSupport.findAnnotation(element, type))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }
}
