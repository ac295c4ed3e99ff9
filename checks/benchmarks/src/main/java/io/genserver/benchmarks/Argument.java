package io.genserver.benchmarks;

import java.util.Collection;

/// Reads what a user has typed after an option of `./bench`. If it makes no sense, one line says so
/// and the program ends with the status 2.
final class Argument {

    private Argument() {}

    /// Reads a whole number of at most nine digits.
    ///
    /// @param what what it is the number of
    static int whole(String text, String what, int least) {
        boolean right = text.matches("\\d{1,9}") && Integer.parseInt(text) >= least;
        check(right, "the number of %s, %d or more".formatted(what, least), text);
        return Integer.parseInt(text);
    }

    /// Reads a number of at most nine digits, which may have decimals.
    ///
    /// @param what what it is the number of
    static double decimal(String text, String what, double least) {
        boolean right = text.matches("\\d{1,9}(\\.\\d{1,9})?") && Double.parseDouble(text) >= least;
        String limit = least == Math.rint(least) ? Long.toString((long) least) : least + "";
        check(right, "the number of %s, %s or more".formatted(what, limit), text);
        return Double.parseDouble(text);
    }

    /// Checks that each of some words is one of those that are known.
    static void known(Collection<String> words, Collection<String> all) {
        for (String word : words) {
            check(all.contains(word), "one of " + all, word);
        }
    }

    /// Ends the program with the status 2 unless something is right.
    static void check(boolean right, String expected, String got) {
        if (!right) {
            System.err.println("expected " + expected + ", got: " + got);
            System.exit(2);
        }
    }
}
