package kv.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/// How often each operation occurs.
///
/// @param weights the weight of each operation that occurs, 1 or more, in the order given
/// @param sum the sum of the weights
record Mix(Map<Operation, Integer> weights, int sum) {

    private static final List<Operation> OPERATIONS = List.of(Operation.values());
    private static final int GREATEST = 1_000_000; // so that the sum fits

    /// Parses a mix such as `get=50,put=50`. Only the ratios of the numbers count.
    ///
    /// @throws IllegalArgumentException if the text is not a mix
    static Mix parse(String text) {
        Map<Operation, Integer> weights = new EnumMap<>(Operation.class);
        for (String part : text.split(",", -1)) {
            String[] pair = part.split("=", -1);
            if (pair.length != 2 || weights.put(operation(pair[0]), weight(pair[1])) != null) {
                throw bad(text);
            }
        }
        weights.values().removeIf(weight -> weight == 0);
        int sum = weights.values().stream().mapToInt(weight -> weight).sum();
        if (sum == 0) {
            throw bad(text);
        }
        return new Mix(weights, sum);
    }

    private static Operation operation(String name) {
        for (Operation operation : Operation.values()) {
            if (operation.name().toLowerCase(Locale.ROOT).equals(name)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("expected get, put or delete, got: " + name);
    }

    private static int weight(String text) {
        if (!text.matches("\\d{1,7}") || Integer.parseInt(text) > GREATEST) {
            throw new IllegalArgumentException(
                    "expected a weight from 0 to " + GREATEST + ", got: " + text);
        }
        return Integer.parseInt(text);
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "expected a mix such as get=50,put=45,delete=5, got: " + text);
    }

    /// Returns a random operation.
    Operation pick(RandomGenerator random) {
        int left = random.nextInt(sum);
        for (Operation operation : OPERATIONS) {
            left -= weights.getOrDefault(operation, 0);
            if (left < 0) {
                return operation;
            }
        }
        throw new AssertionError("the weights have another sum");
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        weights.forEach((operation, weight) ->
                parts.add(operation.name().toLowerCase(Locale.ROOT) + "=" + weight));
        return String.join(",", parts);
    }
}
